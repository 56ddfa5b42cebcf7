"""Secrets as their vendors describe them, made from a seed. Written without a look at the patterns that must find them."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from typing import NamedTuple

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
BASE58 = "".join(char for char in ALNUM if char not in "0OIl")
WORDS = (
    "abandon", "ability", "absent", "absorb", "abstract", "absurd", "banana", "cactus", "camera", "zebra", "wrist", "winter",
    "wolf", "youth", "zoo", "orbit", "lunar", "fossil",
)  # fmt: skip


class Planted(NamedTuple):
    """A text as an agent may meet it, and the parts of it that nobody may see."""

    text: str
    parts: tuple[str, ...]


Maker = Callable[[random.Random], Planted]


def some(rng: random.Random, alphabet: str, count: int) -> str:
    """Random characters, with a digit and a letter where the alphabet has them."""
    while True:
        made = "".join(rng.choices(alphabet, k=count))
        has_digit = any(char in DIGITS for char in made) or not set(alphabet) & set(DIGITS)
        has_letter = any(char.isalpha() for char in made) or not any(char.isalpha() for char in alphabet)
        if has_digit and has_letter and len(set(made)) > min(7, count - 1) and made[0].isalnum() and made[-1].isalnum():
            return made


def prefixed(prefix: str, alphabet: str, count: int, context: str = "{}") -> Maker:
    """A token with a prefix that may be seen."""

    def make(rng: random.Random) -> Planted:
        secret = some(rng, alphabet, count)
        return Planted(context.format(prefix + secret), (secret,))

    return make


def shaped(template: str, **parts: tuple[str, int]) -> Maker:
    """A text with several secret parts: `{name}` stands for so many characters of an alphabet."""

    def make(rng: random.Random) -> Planted:
        made = {name: some(rng, alphabet, count) for name, (alphabet, count) in parts.items()}
        text = template
        for name, secret in made.items():
            text = text.replace("{" + name + "}", secret)
        return Planted(text, tuple(made.values()))

    return make


def _password(rng: random.Random) -> str:
    return some(rng, ALNUM + "!#*+-_", 14)


def with_password(template: str) -> Maker:
    """A text with a password of mixed characters."""

    def make(rng: random.Random) -> Planted:
        password = _password(rng)
        return Planted(template.replace("{}", password), (password,))

    return make


def _uuid(rng: random.Random) -> str:
    return "-".join(some(rng, HEX, count) for count in (8, 4, 4, 4, 12))


def with_random(template: str) -> Maker:
    """A text with a password of letters and digits that no word, name or version looks like."""

    def make(rng: random.Random) -> Planted:
        while True:
            made = some(rng, ALNUM, 20)
            if len(re.findall("[0-9]+", made)) >= 3 and made[:3].isalpha():
                return Planted(template.replace("{}", made), (made,))

    return make


def seed_phrase(template: str, count: int = 12) -> Maker:
    """Words in a row, as wallets show them."""

    def make(rng: random.Random) -> Planted:
        made = " ".join(rng.sample(WORDS, count))
        return Planted(template.replace("{}", made), (made,))

    return make


def with_uuid(template: str) -> Maker:
    """A text with a UUID that is a secret there."""

    def make(rng: random.Random) -> Planted:
        made = _uuid(rng)
        return Planted(template.replace("{}", made), (made,))

    return make


def with_pair(template: str) -> Maker:
    """A text with a name and a password in base64."""

    def make(rng: random.Random) -> Planted:
        made = base64.b64encode(f"deploy:{_password(rng)}".encode()).decode()
        return Planted(template.replace("{}", made), (made.rstrip("="),))

    return make


def jwt(rng: random.Random) -> Planted:
    """A signed web token."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": some(rng, ALNUM, 12), "iat": 17}).encode()).decode().rstrip("=")
    sign = some(rng, ALNUM + "-_", 43)
    return Planted(f"{head}.{body}.{sign}", (body, sign))


def pem(label: str) -> Maker:
    """A private key in lines of 64."""

    def make(rng: random.Random) -> Planted:
        lines = [some(rng, ALNUM + "+/", 64) for _ in range(5)]
        return Planted("\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----")), tuple(lines))

    return make


def pem_in_base64(rng: random.Random) -> Planted:
    """A private key as kubeconfig has it."""
    key = pem("RSA PRIVATE KEY")(rng).text
    made = base64.b64encode(key.encode()).decode()
    return Planted(f"    client-key-data: {made}\n", (made[28:-4],))


def teams(rng: random.Random) -> Planted:
    """An incoming webhook of Teams."""
    group, tenant, hook, owner = _uuid(rng), _uuid(rng), some(rng, HEX, 32), _uuid(rng)
    url = f"https://acme.webhook.office.com/webhookb2/{group}@{tenant}/IncomingWebhook/{hook}/{owner}"
    return Planted(url, (group, hook, owner))


A64 = ALNUM + "+/"
URL64 = ALNUM + "-_"
MAKERS: dict[str, Maker] = {
    # code hosts and packages
    "github personal": prefixed("ghp_", ALNUM, 36),
    "github oauth": prefixed("gho_", ALNUM, 36),
    "github user": prefixed("ghu_", ALNUM, 36),
    "github server": prefixed("ghs_", ALNUM, 36),
    "github refresh": prefixed("ghr_", ALNUM, 36),
    "github fine-grained": shaped("github_pat_{a}_{b}", a=(ALNUM, 22), b=(ALNUM, 59)),
    "gitlab personal": prefixed("glpat-", URL64, 20),
    "gitlab deploy": prefixed("gldt-", URL64, 20),
    "gitlab runner": prefixed("glrt-", URL64, 20),
    "gitlab trigger": prefixed("glptt-", HEX, 40),
    "gitlab feed": prefixed("glft-", URL64, 20),
    "gitlab scim": prefixed("glsoat-", URL64, 20),
    "gitlab mail": prefixed("glimt-", URL64, 25),
    "gitlab agent": prefixed("glagent-", URL64, 50),
    "gitlab job": prefixed("glcbt-64_", URL64, 20),
    "gitlab registration": prefixed("GR1348941", URL64, 20),
    "gitlab session": prefixed("_gitlab_session=", LOWER + DIGITS, 32),
    "atlassian": prefixed("ATATT3xFfGF0", URL64, 180),
    "bitbucket": prefixed("ATBB", ALNUM, 32),
    "npm": prefixed("npm_", ALNUM, 36, "//registry.example.com/:_authToken={}"),
    "npm old": with_uuid("//registry.example.com/:_authToken={}"),
    "pypi": prefixed("pypi-AgEIcHlwaS5vcmc", URL64, 120),
    "rubygems": prefixed("rubygems_", HEX, 48),
    "nuget": prefixed("oy2", LOWER + DIGITS, 43),
    "crates": prefixed("cio", ALNUM, 32, "cargo login {}"),
    "clojars": prefixed("CLOJARS_", HEX, 60),
    "docker hub": prefixed("dckr_pat_", URL64, 27),
    "artifactory": prefixed("AKCp", ALNUM, 69),
    "sourcegraph": prefixed("sgp_", HEX, 40),
    "sonar": prefixed("sqp_", HEX, 40),
    "octopus": prefixed("API-", UPPER + DIGITS, 26),
    "pulumi": prefixed("pul-", HEX, 40),
    "terraform": shaped("{a}.atlasv1.{b}", a=(ALNUM, 14), b=(ALNUM, 67)),
    "infracost": prefixed("ico-", ALNUM, 32),
    "prefect": prefixed("pnu_", ALNUM, 36),
    "harness": shaped("pat.{a}.{b}.{c}", a=(ALNUM, 22), b=(HEX, 24), c=(ALNUM, 20)),
    "postman": shaped("PMAK-{a}-{b}", a=(HEX, 24), b=(HEX, 34)),
    "readme": prefixed("rdme_", LOWER + DIGITS, 70),
    # models
    "anthropic": prefixed("sk-ant-api03-", URL64, 93, "{}AA"),
    "anthropic admin": prefixed("sk-ant-admin01-", URL64, 93, "{}AA"),
    "openai old": shaped("sk-{a}T3BlbkFJ{b}", a=(ALNUM, 20), b=(ALNUM, 20)),
    "openai project": shaped("sk-proj-{a}T3BlbkFJ{b}", a=(URL64, 74), b=(URL64, 74)),
    "openai service": prefixed("sk-svcacct-", URL64, 100),
    "openrouter": prefixed("sk-or-v1-", HEX, 64),
    "deepseek": prefixed("sk-", HEX, 32),
    "hugging face": prefixed("hf_", LOWER + UPPER, 34),
    "groq": prefixed("gsk_", ALNUM, 52),
    "replicate": prefixed("r8_", ALNUM, 37),
    "xai": prefixed("xai-", ALNUM, 80),
    "nvidia": prefixed("nvapi-", URL64, 64),
    "perplexity": prefixed("pplx-", ALNUM, 48),
    "langsmith": shaped("lsv2_pt_{a}_{b}", a=(HEX, 32), b=(HEX, 10)),
    "tavily": prefixed("tvly-dev-", ALNUM, 32),
    "firecrawl": prefixed("fc-", HEX, 32),
    "elevenlabs": prefixed("sk_", HEX, 48),
    "pinecone": prefixed("pcsk_", ALNUM, 70),
    # clouds
    "aws id": prefixed("AKIA", UPPER + "234567", 16),
    "aws temporary id": prefixed("ASIA", UPPER + "234567", 16),
    "aws secret": shaped("aws_secret_access_key = {a}", a=(A64, 40)),
    "aws secret env": shaped("export AWS_SECRET_ACCESS_KEY={a}", a=(A64, 40)),
    "aws session": shaped("AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj{a}", a=(A64, 300)),
    "aws signature": shaped("https://b.s3.amazonaws.com/k?X-Amz-Signature={a}", a=(HEX, 64)),
    "bedrock": prefixed("ABSK", A64, 128),
    "google": prefixed("AIza", URL64, 35),
    "google oauth secret": prefixed("GOCSPX-", URL64, 28),
    "google access": prefixed("ya29.", URL64, 150),
    "google refresh": prefixed("1//0", URL64, 100),
    "azure client": shaped("{a}8Q~{b}", a=(ALNUM, 3), b=(ALNUM + "-_.~", 34)),
    "azure storage": shaped("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={a}==;EndpointSuffix=y", a=(A64, 86)),
    "azure sas": shaped("https://x.blob.core.windows.net/c?sv=2024-11-04&sig={a}%3D&se=2026", a=(ALNUM, 43)),
    "azure bus": shaped("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey={a}=", a=(A64, 43)),
    "azure devops": shaped("{a}JQQJ99{b}AZDO{c}", a=(ALNUM, 52), b=(ALNUM, 18), c=(ALNUM, 4)),
    "alibaba": prefixed("LTAI", ALNUM, 20),
    "tencent": prefixed("AKID", ALNUM, 32),
    "yandex": prefixed("AQVN", URL64, 36),
    "digitalocean": prefixed("dop_v1_", HEX, 64),
    "digitalocean refresh": prefixed("dor_v1_", HEX, 64),
    "heroku": prefixed("HRKU-AA", URL64, 58),
    "fly": prefixed("fm2_", A64, 200),
    "netlify": prefixed("nfp_", ALNUM, 36),
    "cloudflare origin": shaped("v1.0-{a}-{b}", a=(HEX, 24), b=(HEX, 146)),
    "databricks": prefixed("dapi", HEX, 32),
    "dynatrace": shaped("dt0c01.{a}.{b}", a=(UPPER + DIGITS, 24), b=(UPPER + DIGITS, 64)),
    "tailscale": shaped("tskey-auth-{a}-{b}", a=(ALNUM, 17), b=(ALNUM, 32)),
    "supabase": prefixed("sbp_", HEX, 40),
    "planetscale": prefixed("pscale_tkn_", URL64, 43),
    "planetscale password": prefixed("pscale_pw_", URL64, 43),
    "neon": prefixed("napi_", LOWER + DIGITS, 64),
    "clickhouse": prefixed("4b1d", ALNUM, 38),
    # stores and private keys
    "vault": prefixed("hvs.", URL64, 95),
    "vault batch": prefixed("hvb.", URL64, 150),
    "doppler": prefixed("dp.pt.", ALNUM, 43),
    "1password account": shaped("A3-{a}-{b}-{c}-{d}-{e}", a=(UPPER + DIGITS, 6), b=(UPPER + DIGITS, 11), c=(UPPER + DIGITS, 5), d=(UPPER + DIGITS, 5), e=(UPPER + DIGITS, 5)),
    "1password service": prefixed("ops_eyJ", A64, 300),
    "age": prefixed("AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "nats": prefixed("SU", UPPER + "234567", 56),
    "private key": pem("PRIVATE KEY"),
    "private rsa key": pem("RSA PRIVATE KEY"),
    "private ssh key": pem("OPENSSH PRIVATE KEY"),
    "private pgp key": pem("PGP PRIVATE KEY BLOCK"),
    "kube client key": pem_in_base64,
    "openshift": prefixed("sha256~", URL64, 43),
    "docker auth": with_pair('{"auths": {"registry.example.com": {"auth": "{}"}}}'),
    # messages
    "slack bot": shaped("xoxb-{a}-{b}-{c}", a=(DIGITS, 12), b=(DIGITS, 12), c=(ALNUM, 24)),
    "slack user": shaped("xoxp-{a}-{b}-{c}", a=(DIGITS, 12), b=(DIGITS, 12), c=(HEX, 32)),
    "slack app": shaped("xapp-1-A0{a}-{b}-{c}", a=(UPPER + DIGITS, 9), b=(DIGITS, 13), c=(HEX, 64)),
    "slack hook": shaped("https://hooks.slack.com/services/T0{a}/B0{b}/{c}", a=(UPPER + DIGITS, 9), b=(UPPER + DIGITS, 9), c=(ALNUM, 24)),
    "discord bot": shaped("MTk4{a}.{b}.{c}", a=(ALNUM, 22), b=(ALNUM, 6), c=(URL64, 38)),
    "discord hook": shaped("https://discord.com/api/webhooks/1199887766554433221/{a}", a=(URL64, 68)),
    "teams hook": teams,
    "telegram": shaped("https://api.telegram.org/bot123456789:AA{a}/getMe", a=(URL64, 33)),
    "telegram env": shaped("BOT=987654321:AA{a}", a=(URL64, 33)),
    "twilio": prefixed("SK", HEX, 32),
    "sendgrid": shaped("SG.{a}.{b}", a=(URL64, 22), b=(URL64, 43)),
    "brevo": shaped("xkeysib-{a}-{b}", a=(HEX, 64), b=(ALNUM, 16)),
    "mailchimp": shaped("{a}-us14", a=(HEX, 32)),
    "mailgun": prefixed("key-", HEX, 32),
    "resend": shaped("re_{a}_{b}", a=(ALNUM, 8), b=(ALNUM, 24)),
    "twitch": prefixed("oauth:", LOWER + DIGITS, 30),
    # payments, shops, tools
    "stripe": prefixed("sk_live_", ALNUM, 24),
    "stripe restricted": prefixed("rk_live_", ALNUM, 99),
    "stripe hook": prefixed("whsec_", ALNUM, 32),
    "square": prefixed("sq0csp-", URL64, 43),
    "square access": prefixed("EAAA", URL64, 56, "{}"),
    "shopify": prefixed("shpat_", HEX, 32),
    "shopify shared": prefixed("shpss_", HEX, 32),
    "shippo": prefixed("shippo_live_", HEX, 40),
    "easypost": prefixed("EZAK", ALNUM, 54),
    "duffel": prefixed("duffel_live_", URL64, 43),
    "flutterwave": prefixed("FLWSECK_TEST-", HEX, 32, "{}-X"),
    "plaid": with_uuid("access-production-{}"),
    "linear": prefixed("lin_api_", ALNUM, 40),
    "notion": prefixed("ntn_", ALNUM, 46),
    "notion old": prefixed("secret_", ALNUM, 43),
    "figma": prefixed("figd_", URL64, 40),
    "airtable": shaped("pat{a}.{b}", a=(ALNUM, 14), b=(HEX, 64)),
    "hubspot": with_uuid("pat-na1-{}"),
    "launchdarkly": with_uuid("sdk-{}"),
    "typeform": prefixed("tfp_", URL64, 59),
    "contentful": prefixed("CFPAT-", URL64, 43),
    "adobe": prefixed("p8e-", ALNUM, 32),
    "facebook": prefixed("EAAC", ALNUM, 150),
    "frameio": prefixed("fio-u-", URL64, 64),
    "maxmind": shaped("{a}_{b}_mmk", a=(ALNUM, 6), b=(ALNUM, 29)),
    # watching
    "grafana service": shaped("glsa_{a}_{b}", a=(ALNUM, 32), b=(HEX, 8)),
    "grafana cloud": prefixed("glc_eyJ", A64, 120),
    "sentry user": prefixed("sntryu_", HEX, 64),
    "new relic": prefixed("NRAK-", UPPER + DIGITS, 27),
    "new relic browser": prefixed("NRJS-", HEX, 19),
    "okta": prefixed("SSWS 00", URL64, 40, "Authorization: {}"),
    # web
    "jwt": jwt,
    "bearer": shaped("Authorization: Bearer {a}", a=(ALNUM, 40)),
    "bearer json": shaped('{"headers": {"Authorization": "Bearer {a}"}}', a=(ALNUM, 40)),
    "basic": with_pair("Authorization: Basic {}"),
    "api key header": shaped("X-Api-Key: {a}", a=(ALNUM, 32)),
    "cookie": shaped("Cookie: theme=dark; sid={a}", a=(ALNUM, 32)),
    "set-cookie": shaped("Set-Cookie: session={a}; Path=/; HttpOnly", a=(ALNUM, 40)),
    "url password": with_password("postgres://admin:{}@db.example.com/prod"),
    "redis url": with_password("redis-cli -u redis://:{}@cache.example.com:6379/0"),
    "mongo url": with_password("mongodb+srv://app:{}@c0.example.net/?retryWrites=true"),
    "url token": shaped("git clone https://oauth2:{a}@git.example.com/x.git", a=(ALNUM, 26)),
    "url query": shaped("curl 'https://api.example.com/v1?access_token={a}&n=1'", a=(ALNUM, 32)),
    # commands
    "curl user": with_password("curl -s -u deploy:{} https://api.example.com"),
    "mysql": with_password("mysql -u root -p{} shop"),
    "mysqldump": with_password("mysqldump --password={} shop"),
    "sshpass": with_password("sshpass -p {} ssh ada@host"),
    "redis-cli": with_password("redis-cli -h cache -a {} ping"),
    "docker login": with_password("docker login -u ada -p {} registry.example.com"),
    "netrc": with_password("machine git.example.com login ada password {}"),
    "pgpassword": with_password("PGPASSWORD={} psql -h db"),
    "sql": with_password("ALTER USER ada IDENTIFIED BY '{}'"),
    "token flag": shaped("deploy --token {a} --verbose", a=(ALNUM, 32)),
    # values with a name
    "password env": with_password("DB_PASSWORD={}"),
    "password yaml": with_password("password: {}"),
    "password json": with_password('{"user": "ada", "password": "{}"}'),
    "password code": with_password("connect(password='{}')"),
    "fernet": shaped("FERNET_KEY={a}=", a=(URL64, 43)),
    "secret key": shaped("SECRET_KEY_BASE={a}", a=(HEX, 128)),
    "datadog": shaped("DD_API_KEY={a}", a=(HEX, 32)),
    "heroku env": with_uuid("HEROKU_API_KEY={}"),
    "client secret": shaped('{"client_secret": "{a}"}', a=(ALNUM, 32)),
    "api key code": shaped('apiKey: "{a}"', a=(ALNUM, 39)),
    "token toml": shaped('token = "{a}"', a=(ALNUM, 28)),
    "auth token": shaped("TWILIO_AUTH_TOKEN={a}", a=(HEX, 32)),
    # any form of a name and its value
    "inventory": with_password("web1 ansible_user=root ansible_ssh_pass={} ansible_port=22"),
    "camel case": with_password("userPwd: {}"),
    "connection string": with_password("Server=tcp:db,1433;User ID=sa;Password={};Encrypt=true"),
    "form": with_password("curl --data 'username=bob&password={}' https://x.example.com"),
    "element": with_password("<server><id>x</id><password>{}</password></server>"),
    "attribute": with_password('<setting name="Password" value="{}"/>'),
    "pair yaml": with_password("- name: DB_PASSWORD\n  value: {}"),
    "pair json": shaped('{"name":"X_TOKEN","value":"{a}"}', a=(ALNUM, 32)),
    "subscript": with_password('os.environ["DB_PASSWORD"] = "{}"'),
    "wifi": with_password('network={\n ssid="h"\n psk="{}"\n}'),
    "wireguard": shaped("PresharedKey = {a}=", a=(A64, 43)),
    # headers
    "scheme": shaped("Authorization: GenieKey {a}", a=(ALNUM, 36)),
    "scheme json": shaped('{"Authorization": "DPoP {a}"}', a=(URL64, 40)),
    "key header": shaped("Ocp-Apim-Subscription-Key: {a}", a=(HEX, 32)),
    # files
    "pgpass": with_password("db.example.com:5432:*:app:{}"),
    "htpasswd": shaped("bob:$2y$05${a}", a=(ALNUM + "./", 53)),
    "requirepass": with_password("requirepass {}"),
    # commands
    "jenkins": shaped("java -jar jenkins-cli.jar -auth bob:{a} who-am-i", a=(HEX, 34)),
    "apple": shaped("xcrun altool --upload-app -u b@c.de -p {a}-{b}-{c}-{d}", a=(LOWER, 4), b=(LOWER, 4), c=(LOWER, 4), d=(LOWER, 4)),
    "github secret": shaped("gh secret set DEPLOY --body {a}", a=(ALNUM, 36)),
    "kinit": with_password("echo {} | kinit bob@EXAMPLE.COM"),
    "keychain": with_password("security unlock-keychain -p {} login.keychain"),
    "plink": with_password("plink -pw {} bob@host"),
    "bundle": with_password("bundle config gems.example.com bob:{}"),
    "aws configure": shaped("aws configure set aws_secret_access_key {a}", a=(A64, 40)),
    # addresses and tokens
    "feishu hook": shaped("https://open.feishu.cn/open-apis/bot/v2/hook/{a}", a=(LOWER + DIGITS, 36)),
    "cloudfront": shaped("https://x.cloudfront.net/a?Expires=1&Signature={a}&Key-Pair-Id=K", a=(ALNUM + "-~_", 172)),
    "new relic license": shaped("{a}NRAL", a=(HEX, 36)),
    "razorpay": prefixed("rzp_live_", ALNUM, 14),
    "cursor": prefixed("key_", HEX, 64),
    "jfrog identity": prefixed("cmVmdGtuOj", ALNUM, 54),
    "jfrog reference": prefixed("cmVmd", ALNUM, 59),
    "intercom": prefixed("dG9r", ALNUM, 56),
    "unnamed vendor": prefixed("acme_live_", ALNUM, 32),
    # behind a word, in any notation
    "setter": with_random('config.setPassword("{}")'),
    "sentence": with_random("the new password is {} from today"),
    "french": with_random("mot de passe: {}"),
    "option of windows": with_random("tool /pass:{}"),
    "uuid of a role": with_uuid("VAULT_SECRET_ID={}"),
    # behind a user
    "user option": with_random("tool --user bob:{} x"),
    "short options": with_random("tool -u bob -p {} x"),
    "credentials": with_random("credentials: bob:{}"),
    # arguments of calls
    "basic auth": with_random("requests.get(u, auth=('bob', '{}'))"),
    "mail login": with_random('smtp.login("bob@x.org", "{}")'),
    "database": with_random("new PDO($dsn, 'root', '{}')"),
    "sign": with_random("jwt.sign(payload, '{}')"),
    "header of a call": with_random("req.set('X-Auth-Token', '{}')"),
    "authorization of a call": with_random("addHeader('Authorization', 'Token {}')"),
    "filled field": with_random("page.fill('#password', '{}')"),
    # protocols
    "sasl": with_pair("AUTH PLAIN {}"),
    "redis auth": with_random("AUTH default {}"),
    "ftp": with_random("USER bob\nPASS {}"),
    "imap": with_random("a1 LOGIN bob {}"),
    "powershell": with_random("ConvertTo-SecureString -String '{}' -AsPlainText -Force"),
    "basic user alone": shaped("curl -u {a}: https://api.example.com", a=(ALNUM, 32)),
    "stored cookie": shaped('{"name": "session", "value": "{a}"}', a=(ALNUM, 40)),
    # hashes of passwords and what is encrypted
    "crypt": shaped("root:$6$saltsalt${a}", a=(ALNUM + "./", 86)),
    "scrypt": shaped("$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q${a}", a=(A64, 43)),
    "router hash": shaped("username a secret 9 $9$2MJBozw/9R3UsU${a}", a=(ALNUM + "./", 43)),
    "router cipher": shaped("enable password 7 {a}", a=(DIGITS + "ABCDEF", 20)),
    "windows hash": shaped("bob:1001:{a}:{b}:::", a=(HEX, 32), b=(HEX, 32)),
    "mysql hash": shaped("AS '*{a}'", a=(DIGITS + "ABCDEF", 40)),
    "directory hash": shaped("{SSHA256}{a}=", a=(A64, 43)),
    "encrypted property": shaped("jdbc.password=ENC({a}=)", a=(A64, 43)),
    "jenkins secret": shaped("<password>{AQAAABAAAAAw{a}=}</password>", a=(A64, 63)),
    # keys
    "jwk": shaped('{"kty":"OKP","crv":"Ed25519","d":"{a}"}', a=(URL64, 43)),
    "extended key": shaped("xprv9s21ZrQH143K{a}", a=(BASE58, 95)),
    "wallet import": shaped("WIF: L{a}", a=(BASE58, 51)),
    "chain key": shaped("deployer: 0x{a}", a=(HEX, 64)),
    "seed phrase": seed_phrase('MNEMONIC="{}"'),
    "recovery code": shaped("recovery codes: {a}-{b}", a=(HEX, 5), b=(HEX, 5)),
    "passphrase of words": seed_phrase('passphrase: "{}"', 6),
}  # fmt: skip
"""By name."""


def plant(name: str, seed: int) -> Planted:
    """The secret of a kind, for a seed."""
    return MAKERS[name](random.Random(f"{name}:{seed}"))


def shows(shown: str, parts: tuple[str, ...], run: int = 8) -> str | None:
    """The first `run` characters in a row of a secret that stand in what is shown; None if there are none."""
    for part in parts:
        for at in range(max(1, len(part) - run + 1)):
            if part[at : at + run] in shown:
                return part[at : at + run]
    return None
