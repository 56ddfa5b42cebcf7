"""The values that all parts of lanewatch share: lanes, events, usage, snapshots. Frozen values, standard library only.

Times are seconds since the Unix epoch in UTC (float), durations are seconds, counts are tokens
unless a name says otherwise.
"""
