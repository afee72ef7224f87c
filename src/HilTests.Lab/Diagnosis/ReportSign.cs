using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Diagnosis;

/// <summary>A line with which a report begins.</summary>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Name">The beginning of its title.</param>
/// <param name="Place">What the title says where no frame is known: <c> at fs/f2fs/data.c:12</c>; may be empty.</param>
/// <param name="TakesFrame">Whether the title names a function.</param>
internal sealed partial record ReportSign(ReportKind Kind, string Name, string Place = "", bool TakesFrame = true)
{
    /// <summary>How long it had gone on, where the line says it.</summary>
    public TimeSpan? Lasted { get; init; }

    /// <summary>The processor, where the line says it.</summary>
    public int? Cpu { get; init; }

    /// <summary>The task and its id, where the line says them.</summary>
    public (string Name, int? Id) Task { get; init; } = ("", null);

    // Every sign holds one of these; most lines hold none and are not looked at further.
    private static readonly SearchValues<string> Hints = SearchValues.Create(
        ["BUG", "WARNING: ", "UBSAN: ", "LOCKUP", "INFO: ", "general protection", "Kernel panic", "oom-killer", "ut of memory: Killed", "Oops: ", " [#", "PANIC: ",
            "kmemleak: ", "unreferenced object"], StringComparison.Ordinal);

    private static readonly (Regex Pattern, Func<Match, ReportSign> Make)[] Signs =
    [
        (Kasan(), m => new(ReportKind.Kasan, $"KASAN: {m.Groups["what"].Value}")),
        (Kfence(), m => new(ReportKind.Kfence, $"KFENCE: {m.Groups["what"].Value}")),
        (Race(), m => new(ReportKind.Sanitizer, $"KCSAN: {m.Groups["what"].Value}", TakesFrame: false)),
        (Uninitialized(), m => new(ReportKind.Sanitizer, $"KMSAN: {m.Groups["what"].Value}")),
        (Ubsan(), m => new(ReportKind.Ubsan, $"UBSAN: {m.Groups["what"].Value}", $" at {m.Groups["place"].Value}")),
        (SoftLockup(), m => new(ReportKind.SoftLockup, "BUG: soft lockup")
        {
            Cpu = Number(m, "cpu"), Lasted = Seconds(m), Task = (m.Groups["task"].Value, Number(m, "pid")),
        }),
        (HardLockup(), m => new(ReportKind.HardLockup, "BUG: hard lockup") { Cpu = Number(m, "cpu") }),
        (RcuStall(), _ => new(ReportKind.RcuStall, "INFO: rcu detected stall")),
        (HungTask(), m => new(ReportKind.HungTask, "INFO: task hung") { Lasted = Seconds(m), Task = (m.Groups["task"].Value, Number(m, "pid")) }),
        (WorkqueueStall(), _ => new(ReportKind.WorkqueueStall, "BUG: workqueue lockup", TakesFrame: false)),
        (Warning(), m => new(ReportKind.Warning, "WARNING", $" at {m.Groups["place"].Value}")),
        (WarningOfToday(), m => new(ReportKind.Warning, "WARNING", $" at {m.Groups["place"].Value}")
        {
            Cpu = Number(m, "cpu"), Task = (m.Groups["task"].Value, Number(m, "pid")),
        }),
        (Deadlock(), _ => new(ReportKind.Lockdep, "possible deadlock")),
        (LockState(), m => new(ReportKind.Lockdep, $"WARNING: {m.Groups["what"].Value.TrimEnd('!')}")),
        (WaitContext(), _ => new(ReportKind.Lockdep, "BUG: invalid wait context")),
        (LockdepFull(), m => new(ReportKind.Lockdep, $"BUG: {m.Groups["what"].Value}", TakesFrame: false)),
        (AtomicSleep(), m => new(ReportKind.AtomicSleep, $"BUG: {m.Groups["what"].Value}")),
        (NullPointer(), _ => new(ReportKind.Oops, "BUG: kernel NULL pointer dereference")),
        (PageFault(), _ => new(ReportKind.Oops, "BUG: unable to handle page fault")),
        (GuardPage(), _ => new(ReportKind.Oops, "BUG: stack guard page was hit")),
        (KernelBug(), m => new(ReportKind.Bug, "kernel BUG", $" at {m.Groups["place"].Value}")),
        (Protection(), _ => new(ReportKind.Oops, "general protection fault")),
        (Trap(), m => new(ReportKind.Oops, m.Groups["what"].Value)),
        (OopsLine(), _ => new(ReportKind.Oops, "Oops")),
        (DoubleFault(), _ => new(ReportKind.Oops, "PANIC: double fault")),
        (Slab(), m => new(ReportKind.Bug, $"BUG {m.Groups["cache"].Value}: {Bare(m.Groups["what"].Value)}")),
        (BadPage(), m => new(ReportKind.Bug, $"BUG: {m.Groups["what"].Value}", TakesFrame: false)),
        (OtherBug(), m => new(ReportKind.Bug, $"BUG: {Bare(m.Groups["what"].Value)}")),
        (Leaks(), _ => new(ReportKind.Leak, "kmemleak: new suspected memory leaks", TakesFrame: false)),
        (Leak(), _ => new(ReportKind.Leak, "memory leak")),
        (OomKill(), m => new(ReportKind.OutOfMemory, "Out of memory", TakesFrame: false) { Task = (m.Groups["task"].Value, null) }),
        (OomKilled(), m => new(ReportKind.OutOfMemory, $"Out of memory: killed {m.Groups["task"].Value}", TakesFrame: false)),
        (StackSmashed(), m => new(ReportKind.Panic, "kernel panic: stack is corrupted")),
        (Panic(), OfPanic),
    ];

    /// <summary>The sign that a message is; null for most.</summary>
    public static ReportSign? In(string text)
    {
        if (!text.AsSpan().ContainsAny(Hints))
            return null;
        foreach (var (pattern, make) in Signs)
        {
            if (pattern.Match(text) is { Success: true } match)
                return make(match);
        }
        return null;
    }

    /// <summary>A panic whose reason is a report that stands before it.</summary>
    public static bool IsFollowUp(string text) => text.Contains("Kernel panic - not syncing", StringComparison.Ordinal) && FollowUp().IsMatch(text);

    private static ReportSign OfPanic(Match match)
    {
        string why = match.Groups["why"].Value;
        if (why.StartsWith("Attempted to kill init", StringComparison.Ordinal))
            return new(ReportKind.InitGone, $"kernel panic: {why}", TakesFrame: false);
        if (why.Contains("deadlocked on memory", StringComparison.Ordinal) || why.Contains("no killable processes", StringComparison.Ordinal))
            return new(ReportKind.MemoryDeadlock, $"kernel panic: {why}", TakesFrame: false);
        string bare = Bare(why);
        return new(ReportKind.Panic, bare.Length == 0 ? "kernel panic" : $"kernel panic: {bare}", TakesFrame: false);
    }

    /// <summary>Without addresses and what follows a number that changes from run to run.</summary>
    private static string Bare(string what) => Address().Replace(what, "").TrimEnd(' ', ':', '-', ',', '.', '!', '[', '(');

    private static int? Number(Match match, string group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static TimeSpan? Seconds(Match match) => Number(match, "seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    [GeneratedRegex(@"^BUG: KASAN: (?<what>[\w -]{1,60}?) in ")]
    private static partial Regex Kasan();

    [GeneratedRegex(@"^BUG: KFENCE: (?<what>[\w -]{1,60}?) in ")]
    private static partial Regex Kfence();

    [GeneratedRegex(@"^BUG: KCSAN: (?<what>[\w -]{1,60}? in .{1,200})")]
    private static partial Regex Race();

    [GeneratedRegex(@"^BUG: KMSAN: (?<what>[\w -]{1,60}?) in ")]
    private static partial Regex Uninitialized();

    [GeneratedRegex(@"^UBSAN: (?<what>[\w -]{1,60}?) in (?<place>\S{1,200}?:\d+)")]
    private static partial Regex Ubsan();

    [GeneratedRegex(@"^(?:NMI )?(?:watchdog: )?BUG: soft lockup - CPU#(?<cpu>\d{1,4}) stuck for (?<seconds>\d{1,6})s! \[(?<task>.{0,40}):(?<pid>\d{1,9})\]")]
    private static partial Regex SoftLockup();

    [GeneratedRegex(@"^.{0,20}Watchdog detected hard LOCKUP on cpu (?<cpu>\d{1,4})")]
    private static partial Regex HardLockup();

    [GeneratedRegex(@"^(?:rcu: )?INFO: rcu\w{0,20} (?:self-)?detected (?:expedited )?stalls? on ")]
    private static partial Regex RcuStall();

    [GeneratedRegex(@"^INFO: task (?<task>.{0,40}):(?<pid>\d{1,9}) blocked (?:in I/O wait )?for more than (?<seconds>\d{1,6}) seconds")]
    private static partial Regex HungTask();

    [GeneratedRegex(@"^BUG: workqueue lockup - ")]
    private static partial Regex WorkqueueStall();

    [GeneratedRegex(@"^WARNING: CPU: (?<cpu>\d{1,4}) PID: (?<pid>\d{1,9}) at (?<place>\S{1,200})")]
    private static partial Regex Warning();

    [GeneratedRegex(@"^WARNING: (?:\[.{0,200}\] )?(?<place>[\w./-]{1,200}:\d{1,6}) at \S{1,200}(?: \[.{1,80}\])?, CPU#(?<cpu>\d{1,4}): (?<task>.{0,40})/(?<pid>\d{1,9})")]
    private static partial Regex WarningOfToday();

    [GeneratedRegex(@"^WARNING: (?:possible circular locking dependency|possible recursive locking|possible irq lock inversion dependency|" +
        @"\S{1,20}-safe -> \S{1,20}-unsafe lock order) detected|^\[ INFO: possible .{1,60} detected")]
    private static partial Regex Deadlock();

    [GeneratedRegex(@"^WARNING: (?<what>inconsistent lock state|suspicious RCU usage|bad unlock balance detected|held lock freed|lock held when returning to user space|" +
        @"Nested lock was not taken|bad contention detected|\w{1,40}/\d{1,9} still has locks held)")]
    private static partial Regex LockState();

    [GeneratedRegex(@"^\[ BUG: Invalid wait context \]")]
    private static partial Regex WaitContext();

    [GeneratedRegex(@"^BUG: (?<what>(?:MAX_\w{1,40}|key \S{1,40}) (?:too low|not in \.data))")]
    private static partial Regex LockdepFull();

    [GeneratedRegex(@"^BUG: (?<what>scheduling while atomic|sleeping function called from invalid context|using \w{1,40}\(\) in preemptible|workqueue leaked (?:lock or )?atomic)")]
    private static partial Regex AtomicSleep();

    [GeneratedRegex(@"^BUG: (?:unable to handle )?kernel NULL pointer dereference")]
    private static partial Regex NullPointer();

    [GeneratedRegex(@"^BUG: unable to handle (?:page fault|kernel paging request)")]
    private static partial Regex PageFault();

    [GeneratedRegex(@"^BUG: (?:\w{1,12} )?stack guard page was hit")]
    private static partial Regex GuardPage();

    [GeneratedRegex(@"^kernel BUG at (?<place>\S{1,200}?)!?\s*$")]
    private static partial Regex KernelBug();

    [GeneratedRegex(@"^(?:Oops: )?general protection fault")]
    private static partial Regex Protection();

    [GeneratedRegex(@"^(?:Oops: )?(?<what>divide error|int3|invalid opcode|stack segment|stack guard page|segment not present|invalid TSS|bounds|overflow|alignment check|" +
        @"coprocessor segment overrun|simd exception|control protection|double fault|kernel NULL pointer dereference): [0-9a-f]{4} \[#\d{1,4}\]")]
    private static partial Regex Trap();

    [GeneratedRegex(@"^Oops: [0-9a-f]{4} \[#\d{1,4}\]")]
    private static partial Regex OopsLine();

    [GeneratedRegex(@"^(?:traps: )?PANIC: double fault")]
    private static partial Regex DoubleFault();

    [GeneratedRegex(@"^BUG (?<cache>[\w:.-]{1,60}) \((?:Tainted|Not tainted)[^)]{0,80}\): (?<what>.{1,120})")]
    private static partial Regex Slab();

    [GeneratedRegex(@"^BUG: (?<what>Bad (?:page state|page map|page cache|rss-counter state))")]
    private static partial Regex BadPage();

    [GeneratedRegex(@"^BUG: (?<what>\S.{1,120})")]
    private static partial Regex OtherBug();

    [GeneratedRegex(@"^kmemleak: \d{1,9} new suspected memory leaks?")]
    private static partial Regex Leaks();

    [GeneratedRegex(@"^unreferenced object 0x[0-9a-f]{8,16} \(size \d{1,9}\)")]
    private static partial Regex Leak();

    [GeneratedRegex(@"^(?<task>.{1,40}) invoked oom-killer: ")]
    private static partial Regex OomKill();

    [GeneratedRegex(@"^(?:Memory cgroup out|Out) of memory: Killed process \d{1,9} \((?<task>.{0,40}?)\)")]
    private static partial Regex OomKilled();

    [GeneratedRegex(@"^Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in")]
    private static partial Regex StackSmashed();

    // Without a time stamp it may stand behind something else.
    [GeneratedRegex(@"^(?!---\[ end ).{0,200}?Kernel panic - not syncing: ?(?<why>.{0,160})")]
    private static partial Regex Panic();

    [GeneratedRegex(@"not syncing: (?:Fatal exception|softlockup: hung tasks|hung_task: blocked tasks|RCU Stall|Hard LOCKUP|(?:\w{1,20}: )?panic_on_\w{1,20} set|" +
        @"kernel: panic_on_\w{1,20}|Unexpected|nmi watchdog|NMI: Not continuing|kernel stack overflow|Machine halted)")]
    private static partial Regex FollowUp();

    [GeneratedRegex(@"(?:,? (?:at|for) address:?)?[ :]*(?<!\w)(?:0x)?[0-9a-f]{8,16}(?!\w).*|\[#\d.*|(?<=#)\d{1,4}")]
    private static partial Regex Address();
}
