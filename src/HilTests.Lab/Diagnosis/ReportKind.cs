namespace HilTests.Lab.Diagnosis;

/// <summary>What a kernel report is about.</summary>
public enum ReportKind
{
    /// <summary>A panic without a report before it that explains it.</summary>
    Panic,

    /// <summary>The first process ended: the agent, not the kernel.</summary>
    InitGone,

    /// <summary>A page fault, a protection fault, a divide error and the like in the kernel.</summary>
    Oops,

    /// <summary>A BUG() or a broken invariant that ends the task.</summary>
    Bug,

    /// <summary>A WARN(): the kernel goes on.</summary>
    Warning,

    /// <summary>Sleeping, scheduling or using per-CPU data where it is forbidden.</summary>
    AtomicSleep,

    /// <summary>lockdep: a lock order that can deadlock, a lock state that is wrong.</summary>
    Lockdep,

    /// <summary>KASAN: memory that is not the caller's.</summary>
    Kasan,

    /// <summary>KFENCE: the same, by sampling.</summary>
    Kfence,

    /// <summary>KCSAN or KMSAN: a data race, memory used before it was set.</summary>
    Sanitizer,

    /// <summary>UBSAN: behaviour that C does not define.</summary>
    Ubsan,

    /// <summary>kmemleak: memory nobody knows any more.</summary>
    Leak,

    /// <summary>A processor runs one kernel task and nothing else.</summary>
    SoftLockup,

    /// <summary>A processor takes no interrupts.</summary>
    HardLockup,

    /// <summary>An RCU grace period does not end.</summary>
    RcuStall,

    /// <summary>A task waits in the kernel for too long.</summary>
    HungTask,

    /// <summary>Work of a queue does not get its turn.</summary>
    WorkqueueStall,

    /// <summary>The guest's memory is used up; something was killed.</summary>
    OutOfMemory,

    /// <summary>The guest's memory is used up and nothing is left that could be killed.</summary>
    MemoryDeadlock,
}

/// <summary>What a kind of report means for whoever judges.</summary>
public static class ReportKinds
{
    /// <summary>It only says that something took long: on a starved machine that is not the kernel's fault.</summary>
    public static bool IsAboutTime(this ReportKind kind) =>
        kind is ReportKind.SoftLockup or ReportKind.HardLockup or ReportKind.RcuStall or ReportKind.HungTask or ReportKind.WorkqueueStall;

    /// <summary>It is about what the guest's programs asked for, not about the kernel.</summary>
    public static bool IsAboutTheGuest(this ReportKind kind) =>
        kind is ReportKind.InitGone or ReportKind.OutOfMemory or ReportKind.MemoryDeadlock;

    /// <summary>The kernel found itself to be wrong: a finding, whether it lives on or not.</summary>
    public static bool IsComplaint(this ReportKind kind) => !kind.IsAboutTime() && !kind.IsAboutTheGuest();
}
