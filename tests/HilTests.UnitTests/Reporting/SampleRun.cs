using System.Collections.Immutable;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Reporting;

/// <summary>A made-up run in which every way a program can end occurs once or more; what the reports are tried on.</summary>
internal static class SampleRun
{
    public const string Hostile = "</script><img src=x onerror=alert(1)>\u001b[31m\0 ]]> & \" '";

    public static readonly Rule Owner = new("vhost.owner.once", "linux/vhost.h, VHOST_SET_OWNER", "A device has one owner: a second SET_OWNER fails with EBUSY.");
    public static readonly Rule Order = new("vhost.tx.used-order", "virtio 1.2, 2.7.8", "On a synchronous link used entries appear in the order in which the chains were fetched.");
    public static readonly Rule Signals = new("vhost.signal.spurious", "virtio 1.2, 2.7.10", "No signal is sent that the driver did not ask for.", Severity.Should);
    public static readonly Rule Features = new("vhost.features.known", "drivers/vhost/net.c, vhost_net_ioctl()", "GET_FEATURES gives the features that the kernel offers.");
    public static readonly Rule Num = new("vhost.vring.num", "linux/vhost.h, VHOST_SET_VRING_NUM", "A ring's size is a power of two, at most 32768.");
    public static readonly Rule Busyloop = new("vhost.busyloop", "linux/vhost.h, VHOST_SET_VRING_BUSYLOOP_TIMEOUT", "A busy loop's length is read back as it was set.");
    public static readonly Rule Fitrim = new("f2fs.fitrim.bytes", "fs/f2fs/segment.c, f2fs_trim_fs()", "FITRIM returns the bytes that were discarded.");

    public static readonly KnownBug KnownBug = new(Num.Id, "0123456789ab", "vhost: refuse a ring of no size", new Version(6, 5));

    private static readonly KernelProfile Profile = KernelProfile.Of(("hz", Value.Of(250)), ("release", Value.Text("6.1.0-56-amd64")));

    private static readonly string[] Oops =
    [
        "[   12.504112] BUG: kernel NULL pointer dereference, address: 0000000000000018",
        "[   12.504120] #PF: supervisor read access in kernel mode",
        "[   12.504133] RIP: 0010:vhost_net_buf_peek+0x2c/0x70 [vhost_net]",
        "[   12.504151] Call Trace:",
        "[   12.504155]  handle_rx+0x1aa/0xb80 [vhost_net]",
        "[   12.504160]  vhost_worker+0x9a/0xe0 [vhost]",
    ];

    public static RunResult Make() => Of(
    [
        Conforming("owner-once"),
        Diverging("tx-reorder"),
        Crashing("rx-peek"),
        Hanging("detach-in-flight"),
        Remarked("ring-of-no-size"),
        new ProgramResult { Program = Named("busyloop-wide", "set-busyloop ring=0 us=50"), Skipped = "the kernel lacks VHOST_SET_VRING_BUSYLOOP_TIMEOUT" },
        Inconclusive("events-lost"),
        AgentFailed("agent-failed"),
        new ProgramResult { Program = Named("after-the-crash", "open") },
        new ProgramResult { Program = Empty("f2fs", "trim-repeat"), Skipped = "f2fs.ko is not in this kernel's package" },
        HostileProgram(),
    ]);

    public static RunResult Of(ImmutableArray<ProgramResult> programs) => new()
    {
        Started = new DateTimeOffset(2026, 1, 31, 12, 30, 5, TimeSpan.Zero),
        Command = "hil run --seed 1842 vhost-net",
        Kernel = new KernelFacts("bookworm", "6.1.0-56-amd64", "linux-image-6.1.0-56-amd64 6.1.176-1",
            ImmutableSortedDictionary<string, string>.Empty.Add("vhost", new string('a', 64)).Add("vhost_net", new string('b', 64))),
        Machine = new MachineFacts("qemu", "tcg", 2, 1024, 11.4),
        Origin = new RunOrigin("sha256:" + new string('c', 64), "sha256:" + new string('d', 64), "4b89634"),
        Profile = Profile,
        Timings = new RunTimings(0, 2.4123456, 15.2, 18.3),
        Programs = programs,
        Rules = [Owner, Order, Signals, Features, Num, Busyloop, Fitrim],
        Console = "[    0.000000] Linux version 6.1.0-56-amd64\n" + string.Join('\n', Oops) + "\n",
        Folder = "results/2026-01-31-123005",
    };

    public static ProgramResult Conforming(string name) => Judged(
        Named(name, "open", "set-owner", "set-owner", "get-features", "close"),
        new Verdict.Conforms(),
        [
            Saw("errno=0", [], Claim("errno", "0", "0", Owner)),
            Saw("errno=0", [], Claim("errno", "0", "0", Owner)),
            Saw("errno=EBUSY", [], Claim("errno", "EBUSY", "EBUSY", Owner)),
            Saw("errno=0 mask=0x33d008000", [], Claim("mask", "bits 0x300000000 set", "0x33d008000", Features) with { Exact = false }),
            Saw("errno=0", []),
        ]);

    public static ProgramResult Diverging(string name)
    {
        var wrong = new ClaimResult("used[0].id", "4", "7", Order, Satisfied: false, Exact: true);
        var text = "offer ring=tx heads=[4 7]";
        var result = Judged(
            Named(name, "open", "set-owner", "set-features mask=0x100000000", text, "kick ring=tx", "settle", "get-vring-base ring=1", "close"),
            new Verdict.Diverges(new Discrepancy(6, "settle", wrong.Field, wrong.Allowed, wrong.Observed, Order)),
            [
                Saw("errno=0", [], Claim("errno", "0", "0", Owner)),
                Saw("errno=0", [], Claim("errno", "0", "0", Owner)),
                Saw("errno=0", [], Claim("errno", "0", "0", Features)),
                Saw("errno=0", []),
                Saw("errno=0", []),
                Saw("errno=0 used=[{id=7 len=0} {id=4 len=0}] signals=2 frames=[{len=64 data=h'" + string.Concat(Enumerable.Repeat("0a1b2c3d", 40)) + "'}]",
                    ["handle_tx: vq 1 head 7", "handle_tx: vq 1 head 4"],
                    Claim("errno", "0", "0", Order), wrong, Claim("signals", "1 to 2", "2", Signals)),
            ],
            lastObserved: ["errno=0 base=2", "errno=0"]);
        return result with { Repeats = (3, 3), Console = ["[   10.1] vhost_net: tx"] };
    }

    public static ProgramResult Crashing(string name) => Cut(
        Judged(
            Named(name, "open", "set-owner", "send backend=tap len=64 seed=3", "settle", "close"),
            new Verdict.Crashed("BUG: kernel NULL pointer dereference in vhost_net_buf_peek", 4),
            [Saw("errno=0", [], Claim("errno", "0", "0", Owner)), Saw("errno=0", [], Claim("errno", "0", "0", Owner)), Saw("errno=0", [])]),
        TraceEnd.Cut, []) with
    { Console = [.. Oops] };

    private static ProgramResult Hanging(string name) => Cut(
        Judged(
            Named(name, "open", "set-owner", "set-backend ring=1 backend=none", "close"),
            new Verdict.Hung(3, "vhost_net_flush_vq < vhost_net_ioctl < __x64_sys_ioctl"),
            [Saw("errno=0", [], Claim("errno", "0", "0", Owner)), Saw("errno=0", [], Claim("errno", "0", "0", Owner))]),
        TraceEnd.Hung, ["vhost_net_flush_vq", "vhost_net_ioctl", "__x64_sys_ioctl"]);

    public static ProgramResult Remarked(string name)
    {
        var known = new ClaimResult("errno", "EINVAL", "0", Num, Satisfied: false, Exact: true);
        var should = new ClaimResult("signals", "0", "1", Signals, Satisfied: false, Exact: true);
        var result = Judged(
            Named(name, "open", "set-vring-num ring=0 num=0", "settle"),
            new Verdict.Conforms(),
            [Saw("errno=0", []), Saw("errno=0", [], known), Saw("errno=0 signals=1", [], should)]);
        return result with
        {
            Judgement = result.Judgement! with
            {
                Remarks =
                [
                    new Remark(new Discrepancy(2, "set-vring-num ring=0 num=0", "errno", "EINVAL", "0", Num), KnownBug),
                    new Remark(new Discrepancy(3, "settle", "signals", "0", "1", Signals), null),
                ],
            },
        };
    }

    private static ProgramResult Inconclusive(string name)
    {
        var result = Judged(Named(name, "open", "settle"), new Verdict.Inconclusive("step 2: 12 events were lost"), [Saw("errno=0", []), Saw("errno=0 overrun=12", [])]);
        var lost = new StepJudgement { Claims = [], Inconclusive = "12 events were lost" };
        return result with { Judgement = result.Judgement! with { Steps = result.Judgement.Steps.SetItem(1, lost) } };
    }

    private static ProgramResult AgentFailed(string name) =>
        Cut(Judged(Named(name, "open", "settle"), new Verdict.Conforms(), [Saw("errno=0", [])]), TraceEnd.AgentFailed, ["no room for the arena"]) with { Judgement = null };

    private static ProgramResult HostileProgram() => Conforming("../../etc/evil # SKIP " + Hostile) with { Console = [Hostile] };

    public static Program Empty(string device, string name) => new() { Name = name, Device = device, Steps = [], About = "trims twice; the second time nothing is left" };

    public static Program Named(string name, params string[] steps) =>
        ProgramText.Parse($"hil-program 1\nname unnamed\ndevice vhost-net\n{string.Join('\n', steps)}\n") with { Name = name };

    private sealed record Seen(Observation Observation, ImmutableArray<ClaimResult> Claims);

    private static Seen Saw(string fields, string[] lines, params ClaimResult[] claims) =>
        new(new Observation { StartMicroseconds = 120, DurationMicroseconds = 41, Fields = [.. ValueText.ParseFields(fields)], Lines = [.. lines] }, [.. claims]);

    private static ClaimResult Claim(string field, string allowed, string observed, Rule rule) => new(field, allowed, observed, rule, Satisfied: true, Exact: true);

    private static ProgramResult Judged(Program program, Verdict verdict, Seen[] seen, string[]? lastObserved = null)
    {
        var observations = seen.Select(s => s.Observation).Concat((lastObserved ?? []).Select(f => Saw(f, []).Observation));
        return new ProgramResult
        {
            Program = program,
            Trace = new Trace
            {
                Program = program,
                Profile = Profile,
                Entries = [.. program.Steps.Zip(observations, (step, observation) => new TraceEntry(step, observation))],
                End = TraceEnd.Complete,
            },
            Judgement = new Judgement
            {
                Verdict = verdict,
                Steps = [.. seen.Select(s => new StepJudgement { Claims = s.Claims, Discrepancy = Wrong(s, verdict), States = 1 })],
                Remarks = [],
            },
            Seconds = 0.0421,
        };
    }

    private static ClaimResult? Wrong(Seen seen, Verdict verdict) =>
        verdict is Verdict.Diverges ? seen.Claims.FirstOrDefault(c => !c.Satisfied) : null;

    /// <summary>The same with a last step that was begun and did not come back.</summary>
    private static ProgramResult Cut(ProgramResult result, TraceEnd end, ImmutableArray<string> endLines)
    {
        var trace = result.Trace!;
        var next = new TraceEntry(result.Program.Steps[trace.Entries.Length], null);
        return result with { Trace = trace with { Entries = trace.Entries.Add(next), End = end, EndLines = endLines } };
    }
}
