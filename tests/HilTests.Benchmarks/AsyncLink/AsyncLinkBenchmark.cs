using System.Globalization;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;

namespace HilTests.Benchmarks.AsyncLink;

/// <summary>
/// Frames a second through the device with an asynchronous link, by the number that the driver keeps in flight, and through its synchronous link beside it; one VM,
/// all cases in turns. Goal: 64 in flight, completed in a soft interrupt, at least 1.5 times as many as one at a time.
/// </summary>
internal static class AsyncLinkBenchmark
{
    private const double Goal = 1.5;
    private const int Rounds = 5;
    private const int Frames = 20_000;
    private const int Most = 64;

    private static readonly int[] Windows = [1, 2, 4, 8, 16, 32, Most];

    private static readonly int[] Sizes = [60, 1500];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Rounds;
        var frames = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Frames;
        var options = new MachineOptions { Progress = Console.Error.WriteLine };
        options = options with { ModuleOverrides = await AsyncLinkModules.BuildAsync(options.Kernel, Console.Error.WriteLine, CancellationToken.None) };
        await using var machine = await QemuMachine.BootAsync(options, CancellationToken.None);
        var cases = Sizes.SelectMany(size => (string[])["mp softirq", "mp process", "tap"], (size, link) => (size, link)).SelectMany(c => Windows, (c, window) => new Case(c.size, c.link, window)).ToList();
        var rates = cases.ToDictionary(c => c, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var one in cases)
            {
                var rate = await one.RunAsync(machine, frames);
                // The first round warms both sides up.
                if (round > 0) rates[one].Add(rate);
            }
        }
        Console.WriteLine($"frames a second by the number in flight, medians of {rounds} rounds of {frames} frames ({machine.Facts.Accelerator}):");
        Console.WriteLine($"{"",-20}{string.Concat(Windows.Select(w => $"{w,10}"))}");
        foreach (var row in cases.GroupBy(c => (c.Size, c.Link)))
            Console.WriteLine($"{row.Key.Size,5} B {row.Key.Link,-12}{string.Concat(row.Select(c => rates[c].Median().ToString("#,0", CultureInfo.InvariantCulture).PadLeft(10)))}");
        var reached = true;
        foreach (var size in Sizes)
        {
            var ratio = rates[new Case(size, "mp softirq", Most)].Median() / rates[new Case(size, "mp softirq", 1)].Median();
            reached &= ratio >= Goal;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size} B: {Most} in flight {ratio:0.00} times one at a time; goal {Goal:0.0}: {(ratio >= Goal ? "reached" : "missed")}"));
        }
        return reached ? 0 : 1;
    }

    /// <summary>One size, link and number in flight.</summary>
    private sealed record Case(int Size, string Link, int Window)
    {
        private string Backend => Link == "tap"
            ? "make-backend name=b kind=tap header=12\nset-backend ring=1 backend=b"
            : $"make-backend name=b kind=mp header=12\nmp-capture backend=b on=no\nset-backend ring=1 backend=b\nmp-hold backend=b ring=tx hold=no context={Link[3..]}";

        private string Text(int frames) => $$"""
            hil-program 1
            name async-{{Size}}-{{Window}}
            device vhost-net-async
            open
            set-owner
            set-features mask=0x100000000
            set-mem-table regions=[{guest=0x40000000 size=0x100000 at=0x0}]
            driver-ring ring=tx num=256 desc=0x1000 avail=0x3000 used=0x4000
            set-vring-num ring=1 num=256
            set-vring-base ring=1 base=0
            set-vring-addr ring=1 desc=0x1000 avail=0x3000 used=0x4000
            set-vring-kick ring=1 fd=event
            set-vring-call ring=1 fd=event
            {{Backend}}
            frame at=0x1000c len={{Size}} seed=1
            descs table=0x1000 first=0 count=256 addr=0x40010000 stride=0 len={{Size + 12}}
            settle
            drive ring=tx first=0 cycle=256 count={{frames}} window={{Window}} suppress=flag
            close
            leaks
            """;

        /// <summary>Frames a second; nothing is measured where a buffer did not come back.</summary>
        public async Task<double> RunAsync(QemuMachine machine, int frames)
        {
            var reply = await machine.RunAsync(Text(frames), CancellationToken.None);
            var trace = TraceText.Parse(reply.TraceText);
            var seen = trace.Entries.Select(e => e.Observation).FirstOrDefault(o => o?["done"] is not null)
                ?? throw new InvalidOperationException($"{Link}, {Window} in flight: {reply.Outcome}\n{reply.TraceText}");
            if (seen["done"] is not NumberValue { Number: var done } || done != frames) throw new InvalidOperationException($"{Link}, {Window} in flight: {seen["done"]} of {frames} buffers came back");
            return frames * 1e6 / seen.DurationMicroseconds;
        }
    }
}
