"""Loops of commands and tools that fail in the same way each time."""

from __future__ import annotations

from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.shapes.base import lead, loop, many, setup


@loop
def same_install(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, s.fill("Get {proj} to start on this machine, the dev server dies at startup with a missing native module."))
    pk = {
        "py": "pip install --force-reinstall libsass==0.23.0",
        "ts": "npm rebuild sharp && npm install",
        "go": "go mod tidy && go build ./...",
        "rs": "cargo clean -p openssl-sys && cargo build",
    }[w.lang]
    err = {
        "py": "error: command 'gcc' failed: No such file or directory\nERROR: Failed building wheel for libsass",
        "ts": "npm ERR! sharp: Installation error: Could not find libvips-cpp.so.42\nnpm ERR! code 1",
        "go": '# github.com/mattn/go-sqlite3\ncgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH',
        "rs": "error: failed to run custom build command for `openssl-sys v0.9.104`\nCould not find directory of OpenSSL installation",
    }[w.lang]
    for _ in range(many(s, 12, 20)):
        s.round()
        s.bash(
            s.one("c", [pk, pk, pk + " --verbose", "rm -rf build && " + pk]),
            err,
            1,
            say=s.one(
                "x",
                [
                    "Let me reinstall it cleanly.",
                    "The module is still not there. I'll install it again.",
                    "That may have been a stale cache, reinstalling.",
                    "I'll try the installation once more.",
                    "Let me make sure the install really went through.",
                    None,
                ],
            ),
        )
        if r.random() < 0.5:
            s.bash("make dev", "Error: cannot load native module\n" + err.split("\n")[0], 1)


@loop
def missing_tool(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Open the settings page in the browser and take a screenshot of the new switch.")
    for _ in range(many(s, 18, 26)):
        s.round()
        s.tool(
            s.one(
                "t",
                [
                    "mcp__playwright__browser_navigate",
                    "mcp__playwright__browser_snapshot",
                    "mcp__puppeteer__navigate",
                    "mcp__playwright__browser_navigate",
                ],
            ),
            {"url": f"http://localhost:{r.choice([3000, 5173, 8080])}/settings"},
            "MCP error -32000: Connection closed",
            True,
            say=s.one(
                "x",
                [
                    None,
                    "Trying the browser again.",
                    "The browser tool is not reachable, retrying.",
                    "Let me navigate to the page.",
                    None,
                ],
            ),
        )


@loop
def ssh_flags(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "Deploy the build to the staging host.")
    h = f"deploy@staging.{w.name}.internal"
    fl = [
        "",
        "-v ",
        "-o StrictHostKeyChecking=no ",
        "-i ~/.ssh/id_ed25519 ",
        "-i ~/.ssh/deploy_key ",
        "-o ConnectTimeout=20 ",
        "-4 ",
        "-p 2222 ",
        "-o PreferredAuthentications=publickey ",
        "-A ",
    ]
    for _ in range(many(s, 20, 30)):
        s.round()
        s.bash(
            f"ssh {r.choice(fl)}{r.choice(fl)}{h}" + r.choice([" true", " uptime", " 'ls /srv'", " hostname"]),
            f"{h}: Permission denied (publickey).",
            255,
            dur=r.uniform(0.5, 3),
            say=s.one(
                "x",
                [
                    None,
                    None,
                    "Let me try with other options.",
                    "Perhaps it needs the other key.",
                    "Still denied. Trying once more.",
                    "Maybe the host key check is in the way.",
                ],
            ),
        )


@loop
def wrong_dir(s: Lane) -> None:
    w, _r, _f = setup(s)
    lead(s, "Run the frontend tests and fix failures.")
    c = [
        "npm test",
        "npm run test",
        "npx vitest run",
        "npm test -- --run",
        "cd frontend && npm test",
        "yarn test",
        "npm --prefix . test",
    ]
    for _ in range(many(s, 20, 28)):
        s.round()
        x = s.one("c", c)
        s.bash(
            x,
            "bash: cd: frontend: No such file or directory"
            if x.startswith("cd")
            else f"npm error code ENOENT\nnpm error path {w.root}/package.json\nnpm error enoent Could not read package.json",
            1,
            say=s.one(
                "x",
                [
                    None,
                    None,
                    "Let me try another way of running it.",
                    "There is no package.json? Trying again.",
                    "Perhaps with npx.",
                ],
            ),
        )


@loop
def schema_errors(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Create the ticket in our tracker with the summary of the bug.")
    for _ in range(many(s, 18, 26)):
        s.round()
        a = {
            "title": s.one(
                "t", ["Empty {n} after restart", "{n} is empty after a restart", "After restart the {n} is empty"]
            )
        }
        if r.random() < 0.6:
            a["labels"] = r.choice(["bug", ["bug"], "bug,urgent"])
        if r.random() < 0.5:
            a["priority"] = r.choice([1, "high", "P1"])
        s.tool(
            "mcp__tracker__create_issue",
            a,
            "MCP error -32602: Invalid arguments: team_id: Required",
            True,
            say=s.one(
                "x",
                [
                    None,
                    "Creating the ticket.",
                    "The arguments were not accepted, adjusting.",
                    "Let me leave out the priority.",
                    None,
                ],
            ),
        )


@loop
def permission_denied_sudo(s: Lane) -> None:
    w, _r, _f = setup(s)
    lead(s, "Install the systemd unit for the service.")
    c = [
        "cp deploy/%s.service /etc/systemd/system/",
        "install -m 644 deploy/%s.service /etc/systemd/system/",
        "cat deploy/%s.service > /etc/systemd/system/%s.service",
        "sudo -n cp deploy/%s.service /etc/systemd/system/",
        "ln -s deploy/%s.service /etc/systemd/system/",
        "tee /etc/systemd/system/%s.service < deploy/unit",
    ]
    for _ in range(many(s, 20, 28)):
        s.round()
        x = s.one("c", c).replace("%s", w.name)
        s.bash(
            x,
            "sudo: a password is required"
            if "sudo" in x
            else f"cannot create regular file '/etc/systemd/system/{w.name}.service': Permission denied",
            1,
            say=s.one(
                "x",
                [
                    None,
                    "Trying to copy it in another way.",
                    "Permission denied; another attempt.",
                    "Perhaps install works.",
                    None,
                ],
            ),
        )


@loop
def blames_flaky(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, s.fill("CI is red because of {t}, fix it."))
    t = w.tests[1]
    for _ in range(many(s, 18, 26)):
        s.round()
        s.bash(
            s.one("c", [w.testcmd(t), w.testcmd(t), w.testcmd()]),
            w.testout(r.choice([44, 44, 120]), [s.slots["t"]], "connection refused", path=t),
            1,
            say=s.one(
                "x",
                [
                    "This looks flaky. Running it again.",
                    "Probably a transient failure, let me rerun.",
                    None,
                    "Rerunning to see if it passes this time.",
                    "Connection refused is often temporary. Again.",
                    None,
                ],
            ),
        )


@loop
def env_var_guess(s: Lane) -> None:
    w, _r, _f = setup(s)
    lead(s, "Get the integration test to reach the database.")
    e = [
        "DATABASE_URL=postgres://localhost/%s",
        "DB_HOST=127.0.0.1",
        "DB_HOST=db",
        "PGHOST=localhost PGPORT=5433",
        "DATABASE_URL=postgres://postgres:postgres@localhost:5432/%s",
        "DB_URL=postgres://db/%s",
        "PGHOST=/var/run/postgresql",
        "DB_HOST=host.docker.internal",
    ]
    for _ in range(many(s, 20, 28)):
        s.round()
        s.bash(
            s.one("e", e).replace("%s", w.name) + " " + w.testcmd(w.tests[3]),
            w.testout(
                0, [s.slots["t"]], "could not connect to server: Connection refused (port 5432)", path=w.tests[3]
            ),
            1,
            say=s.one(
                "x",
                [
                    None,
                    "Maybe the host is a different one.",
                    "Trying another URL.",
                    "Let me set the variables differently.",
                    None,
                ],
            ),
        )


@loop
def cache_clear_rebuild(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, "The type error in the build makes no sense, get rid of it.")
    b = {"py": "mypy .", "ts": "npx tsc --noEmit", "go": "go vet ./...", "rs": "cargo check"}[w.lang]
    c = [
        "rm -rf .cache",
        "rm -rf node_modules/.cache build",
        "rm -rf target/debug/incremental",
        "git clean -fdX -e .env",
        "rm -rf .mypy_cache dist",
    ]
    for _ in range(many(s, 10, 14)):
        s.round()
        s.bash(
            s.one("c", c),
            "",
            say=s.one(
                "x",
                [
                    "Probably a stale cache.",
                    "I'll clear the caches.",
                    "Another cache may be involved.",
                    "Let me remove the build artefacts too.",
                ],
            ),
        )
        s.bash(b, f"{f[0]}:44: error: {s.slots['m']} has no member `{s.slots['n']}`", 1, dur=r.uniform(3, 20))
