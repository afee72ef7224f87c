using System.Collections.Frozen;

namespace HilTests.Lab.Diagnosis;

/// <summary>
/// Functions that say nothing about what went wrong: those that report, those that everybody calls (copying, locking,
/// freeing, waiting), and the way from an interrupt or a system call. A title names the first other function.
/// </summary>
internal static class GenericFunctions
{
    private static readonly string[] Beginnings =
    [
        // Reporting
        "dump_stack", "show_stack", "show_regs", "print_", "panic", "vpanic", "__warn", "warn_slowpath", "report_bug", "handle_bug", "die", "__die", "oops_",
        "page_fault_oops", "no_context", "bad_area", "__bad_area", "do_error_trap", "do_trap", "do_kern_addr_fault", "do_user_addr_fault",
        "do_page_fault", "spurious_", "exc_", "asm_exc_", "asm_sysvec_", "sysvec_", "__sysvec_", "error_entry", "add_taint", "kasan_", "__kasan_",
        "__asan_", "__hwasan_", "kfence_", "kmsan_", "__msan_", "kcsan_", "__tsan_", "ubsan_", "__ubsan_", "handle_overflow", "val_to_string",
        "check_memory_region", "check_region_inline", "fixup_exception", "fortify_panic", "__fortify_", "usercopy_abort", "__check_object_size", "__check_heap_object",
        "check_heap_object", "__virt_addr_valid", "__stack_chk_fail", "watchdog", "softlockup", "hardlockup", "is_softlockup", "kmemleak_", "create_object",
        "__schedule_bug", "__might_resched", "__might_sleep", "___might_sleep", "might_resched", "debug_smp_processor_id", "check_preemption_disabled",
        // Copying
        "memcpy", "__memcpy", "memset", "__memset", "memmove", "__memmove", "memcmp", "memchr", "memscan", "strlen", "strnlen", "strcmp", "strncmp", "strcpy",
        "strncpy", "strscpy", "strlcpy", "strchr", "sized_strscpy", "copy_user", "copy_to_user", "copy_from_user", "_copy_to_user", "_copy_from_user",
        "_copy_to_iter", "_copy_from_iter", "copy_page", "clear_page", "rep_movs", "rep_stos", "__get_user", "__put_user", "csum_partial",
        // Locking
        "_raw_", "__raw_", "do_raw_", "queued_spin_", "native_queued_", "__pv_queued_", "pv_queued_", "queued_read_", "queued_write_", "mutex_", "__mutex_",
        "ww_mutex_", "down_", "__down", "up_read", "up_write", "rwsem_", "rwbase_", "rt_mutex_", "rt_spin_", "percpu_down", "__percpu_", "percpu_rwsem_", "lock_acquire", "lock_release",
        "__lock_acquire", "validate_chain", "check_prev", "check_deadlock", "check_noncircular", "check_irq_usage", "mark_lock", "lockdep_", "lock_sock_nested",
        "register_lock_class", "spin_dump", "spin_bug", "bit_spin_", "seqcount_",
        // Counting, lists, memory
        "refcount_", "kref_", "__list_", "list_del", "list_add", "kobject_put", "kfree", "kvfree", "kmem_cache_free", "kmem_cache_alloc", "__kmem_cache", "___cache_free",
        "__cache_free", "__slab_", "slab_", "___slab_", "do_slab_free", "free_to_partial", "object_err", "__kmalloc", "kmalloc", "qlist_free", "quarantine_", "debug_object",
        "__debug_object", "debug_check_no_obj", "set_freepointer", "free_debug_", "check_slab", "check_object", "check_bytes", "alloc_debug_", "__alloc_pages", "alloc_pages", "__alloc_frozen", "get_page_from_freelist",
        // Waiting
        "schedule", "__schedule", "preempt_schedule", "io_schedule", "__cond_resched", "wait_for_completion", "wait_for_common", "__wait_for_common", "do_wait_for_common", "cpu_relax", "msleep",
        "usleep_range", "__switch_to", "context_switch",
        // Time and interrupts
        "rcu_check_", "rcu_sched_clock", "rcu_dump", "rcu_exp_", "synchronize_rcu_expedited_wait", "panic_on_rcu", "check_cpu_stall", "update_process_times", "tick_", "__hrtimer_", "hrtimer_interrupt",
        "local_apic_timer", "apic_timer", "__do_softirq", "handle_softirqs", "do_softirq", "irq_exit", "__irq_exit", "invoke_softirq", "nmi_", "trigger_", "arch_trigger", "end_repeat_nmi",
        "default_do_nmi", "do_nmi", "perf_", "irq_work_", "common_interrupt", "asm_common_interrupt", "ret_from_intr", "csd_lock_wait", "smp_call_function", "on_each_cpu",
        // The way in
        "do_syscall_", "entry_SYSCALL", "entry_INT80", "x64_sys_call", "syscall_", "ret_from_fork", "kthread", "__x64_sys_", "__se_sys_", "__do_sys_", "do_int80",
    ];

    // A whole name each: what begins so may well be of interest.
    private static readonly FrozenSet<string> Names = new[]
    {
        "do_exit", "make_task_dead", "rewind_stack_do_exit", "rewind_stack_and_make_dead", "do_group_exit", "process_one_work", "worker_thread", "default_idle",
        "native_safe_halt", "default_idle_call", "pv_native_safe_halt", "cpuidle_idle_call", "do_idle", "cpu_startup_entry", "start_secondary", "secondary_startup_64",
        "secondary_startup_64_no_verify", "common_startup_64", "fault_in_kernel_space", "handle_mm_fault", "handle_page_fault", "restore_regs", "up", "down",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<char, string[]> ByFirst =
        Beginnings.GroupBy(b => b[0]).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    public static bool Contains(string function) => Names.Contains(function)
        || (ByFirst.TryGetValue(function[0], out var beginnings) && Array.Exists(beginnings, b => function.StartsWith(b, StringComparison.Ordinal)));
}
