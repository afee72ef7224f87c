namespace HilTests.Nightly.History;

/// <summary>The tables of the history, as steps from an empty file to the newest version. A step that was released is never changed.</summary>
internal static class HistorySchema
{
    /// <summary>What a file of ours says it is: "HILn".</summary>
    public const int ApplicationId = 0x48494c6e;

    /// <summary>Step N brings a file from version N to N + 1.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE runs(
            id INTEGER PRIMARY KEY,              -- the night's number: nights are ordered by it, never by the clock
            name TEXT NOT NULL, started TEXT NOT NULL, engine TEXT NOT NULL, command TEXT NOT NULL, folder TEXT NOT NULL);
        CREATE TABLE series(
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,            -- all that was asked for
            kind TEXT NOT NULL, kernel TEXT NOT NULL, device TEXT NOT NULL, owner TEXT NOT NULL);
        CREATE TABLE origins(
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,            -- all that was found, as JSON
            release TEXT, package TEXT, config TEXT, image TEXT, project TEXT, patches TEXT, accelerator TEXT);
        CREATE TABLE shards(
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs, series INTEGER NOT NULL REFERENCES series, origin INTEGER NOT NULL REFERENCES origins,
            shard TEXT NOT NULL, status INTEGER NOT NULL, verdict TEXT NOT NULL, cause TEXT, node TEXT NOT NULL, attempts INTEGER NOT NULL,
            started TEXT NOT NULL, seconds REAL NOT NULL, folder TEXT NOT NULL,
            UNIQUE(run, shard));
        CREATE INDEX shards_of_series ON shards(series, run);
        CREATE TABLE tests(
            id INTEGER PRIMARY KEY,
            series INTEGER NOT NULL REFERENCES series, kind INTEGER NOT NULL, name TEXT NOT NULL,
            UNIQUE(name, kind, series));
        CREATE INDEX tests_of_series ON tests(series);
        CREATE TABLE results(
            test INTEGER NOT NULL REFERENCES tests, run INTEGER NOT NULL REFERENCES runs, status INTEGER NOT NULL,
            origin INTEGER NOT NULL REFERENCES origins, seen INTEGER NOT NULL, runs INTEGER NOT NULL, known TEXT, reason TEXT, finding INTEGER,
            PRIMARY KEY(test, run)) WITHOUT ROWID;
        CREATE TABLE findings(
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs, series INTEGER NOT NULL REFERENCES series, rule TEXT NOT NULL, program TEXT NOT NULL, json TEXT NOT NULL);
        CREATE INDEX findings_of_run ON findings(run);
        CREATE TABLE metrics(
            series INTEGER NOT NULL REFERENCES series, name TEXT NOT NULL, run INTEGER NOT NULL REFERENCES runs, value REAL NOT NULL,
            PRIMARY KEY(series, name, run)) WITHOUT ROWID;
        """,
        // Only ever added to: what was once found is not made undone.
        """
        CREATE TRIGGER runs_stay BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER runs_same BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER shards_stay BEFORE DELETE ON shards BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER shards_same BEFORE UPDATE ON shards BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER results_stay BEFORE DELETE ON results BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER results_same BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER findings_stay BEFORE DELETE ON findings BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        CREATE TRIGGER findings_same BEFORE UPDATE ON findings BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END;
        """,
    ];
}
