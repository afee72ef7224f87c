using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.F2fs.Following;
using HilTests.Models.F2fs.Space;

namespace HilTests.Models.F2fs;

/// <summary>What the trace must show: records against the life of bios, discards against FITRIM, counters against events.</summary>
internal static class TracePredictions
{
    private static readonly ByteCounter[] RecordCounters =
    [
        ByteCounter.AppBufferedWrite, ByteCounter.AppDirectWrite, ByteCounter.AppBufferedRead, ByteCounter.AppDirectRead,
        ByteCounter.WrittenData, ByteCounter.WrittenNode, ByteCounter.WrittenMeta, ByteCounter.Discard, ByteCounter.Compressed,
        ByteCounter.AppWrite, ByteCounter.AppRead, ByteCounter.CollectedData, ByteCounter.CollectedNode, ByteCounter.CollectedRead, ByteCounter.MappedWrite, ByteCounter.MappedRead,
        ByteCounter.ReadData, ByteCounter.ReadNode, ByteCounter.ReadMeta,
    ];

    /// <summary>For whom blocks are written; known where the trace shows checkpoints and garbage collection.</summary>
    private static readonly ByteCounter[] OriginCounters =
        [ByteCounter.OrdinaryData, ByteCounter.OrdinaryNode, ByteCounter.OrdinaryMeta, ByteCounter.CheckpointData, ByteCounter.CheckpointNode, ByteCounter.CheckpointMeta];

    /// <summary>Read and written by garbage collection: nothing while there is none.</summary>
    private static readonly ByteCounter[] CollectionCounters = [ByteCounter.CollectedData, ByteCounter.CollectedNode, ByteCounter.CollectedRead];

    /// <summary>Bios times records; each is looked at once a class. The traces of the suite come to some ten thousand.</summary>
    private const long MostComparisons = 10_000_000;

    public static Branch<F2fsState> Of(F2fsState next, Step step, DeclaredInputs inputs)
    {
        if (step is TraceStartStep) return Started(next, inputs);
        if (next.Follower is null) return F2fsModel.Unjudged("the trace is read but was not started by this program");
        var lost = inputs.Number("overrun") + inputs.Number("dropped");
        if (lost != 0) return F2fsModel.Unjudged($"the trace lost {lost} events");
        var follower = new IoFollower(next.Follower);
        next = next.WithMap(inputs);
        var space = next.Space is null ? null : new SpaceFollower(next.Space);
        foreach (var text in inputs.Lines)
        {
            var line = TraceLines.Read(text);
            if (line.Kind == TraceLineKind.Lost) return F2fsModel.Unjudged($"the trace lost events: {text.AsSpan(0, Math.Min(text.Length, 100))}");
            follower.Feed(line, number => next.Effects.GetValueOrDefault(number));
            space?.Feed(line, number => next.Maps.GetValueOrDefault(number), number => next.Effects.GetValueOrDefault(number));
            if (follower.TooMuch is { } much) return F2fsModel.Unjudged(much);
        }
        if (follower.Misread) return F2fsModel.Unjudged("the probe of updates names another device than the agent's: this kernel has the file system's device elsewhere");
        var counted = follower.Counted().ToList();
        if ((long)counted.Count * follower.Records.Count > MostComparisons) return F2fsModel.Unjudged($"{counted.Count} bios in {follower.Records.Count} records are too many to compare");
        if (follower.RecordOpen) return F2fsModel.Unjudged("the trace ends inside a record");
        var claims = new List<Claim> { F2fsModel.Ok(F2fsRules.Setup) };
        AddRecords(claims, follower, counted, ClassesOf(next), next.Profile.Hz);
        AddCounters(claims, next, follower);
        AddDiscards(claims, next, follower);
        next = BackgroundPredictions.Follow(claims, next, follower);
        if (space is { SawRequests: true }) claims.AddRange(SpacePredictions.Of(space));
        if (follower.Holes is { } holes && !follower.Busy && !next.EverBackgroundDiscard && !next.UnseenWrites) claims.Add(HolesClaim(holes));
        follower.Settle();
        return F2fsModel.Branch(next with { Follower = follower, Space = space, Effects = next.Effects.Clear(), Maps = next.Maps.Clear() }, claims);
    }

    /// <summary>The probes without which nothing sure can be said of counts and of when records are due.</summary>
    private static readonly string[] NeededProbes = ["bio_submit", "bio_end", "update", "at_record"];

    /// <summary>The second line of a record; a kernel that does not have it keeps no latencies.</summary>
    private const string LatencyEvent = "f2fs/f2fs_iostat_latency";

    private static Branch<F2fsState> Started(F2fsState next, DeclaredInputs inputs)
    {
        if (next.Paused is not null) return F2fsModel.Unjudged(DiskPredictions.NoTrace);
        var refused = inputs.Field("refused") is ListValue list ? list.Items : [];
        var missing = NeededProbes.Where(p => refused.Contains(Value.Text(p))).ToList();
        if (missing.Count > 0) return F2fsModel.Unjudged($"this kernel refuses the probes {string.Join(", ", missing)}");
        var holes = next is { EverMounted: false, FormattedHoles: { } formatted } ? new HoleMap(formatted) : null;
        var follower = new IoFollower(next.Device, next.Profile.Hz, next.IostatEnabled, next.IostatFresh, next.Period, holes,
            hasLatency: !refused.Contains(Value.Text(LatencyEvent)), badFrom: next.Disk is { BadBlocks: > 0 and var bad } ? (next.DiskBytes / FileContent.BlockSize) - bad : long.MaxValue)
        {
            KnowsOrigins = inputs.Field("origins") is SymbolValue { Word: "yes" },
        };
        // What was discarded before is not in this trace.
        var space = next is { EverMounted: false, Layout: { } layout } ? new SpaceFollower(layout, next.Device) : null;
        return F2fsModel.Branch(next with { Follower = follower, Space = space, Effects = next.Effects.Clear(), Maps = next.Maps.Clear() }, F2fsModel.Ok(F2fsRules.Setup));
    }

    private static void AddRecords(List<Claim> claims, IoFollower follower, List<CountedBio> counted, IReadOnlyList<IoClass> classes, int hz)
    {
        var first = follower.Records.Count > 0 ? follower.Records[0].Index : 0;
        var k = 0;
        foreach (var record in follower.Records)
        {
            if (record.Enabled == Switch.Off) claims.Add(new Claim($"records[{k}]", Allowed.Absent, F2fsRules.RecordOff));
            else claims.Add(new Claim($"records[{k}].jiffies", Allowed.Between(record.Earliest, record.Latest), F2fsRules.RecordTime));
            if (record.LatencyKnown) AddLatency(claims, counted, classes, record.Index, first, k, hz);
            if (record.Bytes is { } bytes && follower.SawUpdates) AddRecordBytes(claims, bytes, follower.KnowsOrigins, k);
            k++;
        }
        if (follower.Missing is { } missing)
            claims.Add(new Claim($"records[{k}].jiffies", Allowed.Between(missing.Earliest, missing.Latest), F2fsRules.RecordTime));
    }

    /// <summary>
    /// The classes that the records of this kernel have. On a disk of a coarser granularity the block layer cuts a discard before it reaches f2fs's
    /// own code, and nothing tells the parts from the whole.
    /// </summary>
    private static IReadOnlyList<IoClass> ClassesOf(F2fsState state) =>
        state.Profile["f2fs-discard-latency"] is SymbolValue { Word: "yes" } && state.Granularity <= FileContent.BlockSize
            ? [.. IoClasses.ReadsAndWrites, IoClass.Discard]
            : IoClasses.ReadsAndWrites;

    private static void AddLatency(List<Claim> claims, List<CountedBio> counted, IReadOnlyList<IoClass> classes, int record, int first, int k, int hz)
    {
        foreach (var ioClass in classes)
        {
            var name = IoClasses.Names[(int)ioClass];
            var bounds = LatencyBounds.Of(counted, record, ioClass, hz);
            claims.Add(new Claim($"latency[{k}].{name}.count", Allowed.Between(bounds.CountLow, bounds.CountHigh), F2fsRules.LatencyCount));
            claims.Add(new Claim($"latency[{k}].{name}.peak", Ticks(bounds.PeakLow, bounds.PeakHigh, hz), F2fsRules.LatencyPeak));
            claims.Add(new Claim($"latency[{k}].{name}.average", Allowed.Between(bounds.AverageLow, bounds.AverageHigh), F2fsRules.LatencyAverage));
            if (bounds.CountLow == bounds.CountHigh && !counted.Any(b => b.Class == ioClass && b.First < record && b.Last >= record)) continue;
            var least = counted.Count(b => b.Class == ioClass && b.Sure && b.First >= first && b.Last <= record);
            var most = counted.Count(b => b.Class == ioClass && b.First <= record && b.Last >= first);
            claims.Add(new Claim($"totals[{k}].{name}", Allowed.Between(least, most), F2fsRules.LatencyTotal));
        }
    }

    /// <summary>A peak is a whole number of ticks.</summary>
    private static Allowed Ticks(long low, long high, int hz) => 1000 % hz != 0 || high < low || high - low > 16 * (1000 / hz)
        ? Allowed.Between(low, high)
        : Allowed.OneOf(Enumerable.Range(0, (int)((high - low) / (1000 / hz)) + 1).Select(i => Value.Of(low + (i * (1000 / hz)))));

    private static void AddRecordBytes(List<Claim> claims, (long[] Low, long[] High) bytes, bool origins, int k)
    {
        foreach (var counter in origins ? [.. RecordCounters, .. OriginCounters] : RecordCounters)
        {
            // What a wrong unit of the counter does to a record is the counter's mistake.
            var rule = counter == ByteCounter.Discard ? F2fsRules.DiscardBytes : F2fsRules.RecordBytes;
            claims.Add(new Claim($"records[{k}].bytes.{IostatText.NameOf(counter)}", Allowed.Between(bytes.Low[(int)counter], bytes.High[(int)counter]), rule));
        }
    }

    private static void AddCounters(List<Claim> claims, F2fsState state, IoFollower follower)
    {
        if (!state.Mounted) return;
        claims.AddRange(StatisticsPredictions.AppClaims(state));
        if (!state.IostatEnabled || !follower.BytesKnown) return;
        var (low, high) = follower.Bytes();
        for (var counter = ByteCounter.WrittenData; counter <= ByteCounter.Discard; counter++)
        {
            var rule = counter == ByteCounter.Discard ? F2fsRules.DiscardBytes : counter >= ByteCounter.ReadData ? F2fsRules.ReadBytes : F2fsRules.WrittenBytes;
            claims.Add(new Claim($"counters.{IostatText.NameOf(counter)}", Allowed.Between(low[(int)counter], high[(int)counter]), rule));
        }
        foreach (var counter in follower.KnowsOrigins ? [.. CollectionCounters, .. OriginCounters] : CollectionCounters)
            claims.Add(new Claim($"counters.{IostatText.NameOf(counter)}", Allowed.Between(low[(int)counter], high[(int)counter]), F2fsRules.BlockOrigins));
    }

    private static void AddDiscards(List<Claim> claims, F2fsState state, IoFollower follower)
    {
        if (state.EverBackgroundDiscard || state.Effects.Values.Any(e => e is StepEffect.TrimmedBeside)) return;
        var i = 0;
        foreach (var (step, effect) in state.Effects.OrderBy(e => e.Key))
        {
            if (effect is not StepEffect.Trimmed { Length: > 0 } trim) continue;
            claims.Add(new Claim($"discards[{i}].step", Allowed.Exactly(step), F2fsRules.TrimIssued));
            var seen = follower.Trims.GetValueOrDefault(step) ?? new TrimSeen();
            var issued = trim.Length + (seen.FailedBlocks * FileContent.BlockSize);
            claims.Add(new Claim($"discards[{i}].bytes", trim.Shared ? Allowed.AtLeast(issued) : Allowed.Exactly(issued), F2fsRules.TrimIssued));
            // What is left of a command that was cut may be too short to go out by itself.
            var whole = !trim.Shared && (seen.Bios == 0 || seen.Bios == seen.Commands);
            claims.Add(new Claim($"discards[{i}].named", whole ? Allowed.Exactly(issued) : Allowed.AtLeast(issued), F2fsRules.TrimIssued));
            claims.Add(new Claim($"discards[{i}].shortest", Allowed.AtLeast(trim.Minimum), F2fsRules.TrimMinimum));
            claims.Add(new Claim($"discards[{i}].first", Allowed.AtLeast(trim.First), F2fsRules.TrimRange));
            claims.Add(new Claim($"discards[{i}].end", Allowed.Between(0, trim.End), F2fsRules.TrimRange));
            i++;
        }
        claims.Add(new Claim($"discards[{i}]", Allowed.Absent, F2fsRules.TrimIssued));
    }

    private static Claim HolesClaim(HoleMap holes) => new(
        "holes",
        Allowed.Exactly(Value.List(holes.Ranges().Select(h => Value.Record(("start", Value.Of(h.Start)), ("length", Value.Of(h.Length)))))),
        F2fsRules.Holes);
}
