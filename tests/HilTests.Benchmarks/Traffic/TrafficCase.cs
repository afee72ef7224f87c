using System.Globalization;
using System.Text.RegularExpressions;
using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.Benchmarks.Traffic;

/// <summary>One direction and size, run by the agent's driver and by the peer in C with the same frames, window and ring.</summary>
/// <param name="Direction"><c>tx</c> or <c>rx</c></param>
/// <param name="Bytes">bytes of a frame</param>
/// <param name="Frames">frames of a round</param>
internal sealed partial record TrafficCase(string Direction, int Bytes, int Frames)
{
    private const int Window = 256;
    private const int Buffers = 256;
    private const int RingEntries = 256;

    /// <summary>The peer's command line.</summary>
    public string PeerCommand => $"/tmp/ring-peer {Direction} {Frames} {Bytes} {Window} {Buffers} {RingEntries}";

    /// <summary>The same work as a program.</summary>
    private string ProgramText => $$"""
        hil-program 1
        name traffic-{{Direction}}-{{Bytes}}
        device vhost-net
        open
        set-owner
        set-features mask=0x100008000
        set-mem-table regions=[{guest=0x40000000 size=0x100000 at=0x0}]
        driver-ring ring={{Direction}} num={{RingEntries}} desc=0x1000 avail=0x3000 used=0x4000
        set-vring-num ring={{Ring}} num={{RingEntries}}
        set-vring-base ring={{Ring}} base=0
        set-vring-addr ring={{Ring}} desc=0x1000 avail=0x3000 used=0x4000
        set-vring-kick ring={{Ring}} fd=event
        set-vring-call ring={{Ring}} fd=event
        make-backend name=b0 kind=tap header=12
        set-backend ring={{Ring}} backend=b0
        settle
        traffic backend=b0 seed=1 guest=0x40000000 header=12 merge=yes {{Direction}}={frames={{Frames}} from={{Bytes}} to={{Bytes}} window={{Window}} buffers={{Buffers}} bytes=1600 at=0x10000}
        close
        """;

    private int Ring => Direction == "tx" ? 1 : 0;

    /// <summary>Packets a second of the driver in C#, and bytes that its loop allocated.</summary>
    public async Task<(double Rate, long Allocated)> RunOursAsync(QemuMachine machine)
    {
        var reply = await machine.RunAsync(ProgramText, CancellationToken.None);
        var trace = TraceText.Parse(reply.TraceText);
        var verdict = Judge.Decide(trace, ModelRegistry.Get("vhost-net").Model).Verdict;
        if (verdict is not Verdict.Conforms) throw new InvalidOperationException($"the traffic does not conform, nothing is measured: {verdict} {reply.Outcome}");
        var seen = trace.Entries.Select(e => e.Observation!).Single(o => o[$"{Direction}-measured"] is not null);
        var microseconds = ((NumberValue)((RecordValue)seen[$"{Direction}-measured"]!)["us"]!).Number;
        return (Frames * 1e6 / microseconds, ((NumberValue)seen["allocated-measured"]!).Number);
    }

    /// <summary>Packets a second of the driver in C.</summary>
    public async Task<double> RunPeerAsync(QemuMachine machine)
    {
        var said = PeerLine().Match(await machine.ShellAsync(PeerCommand));
        if (!said.Success) throw new InvalidOperationException($"the peer in C did not say how long it took: {said}");
        return Frames * 1e6 / double.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"peer us=(\d+) ")]
    private static partial Regex PeerLine();
}
