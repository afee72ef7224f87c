// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaks the kernel on demand: write the name of a fault into /sys/kernel/debug/hil_faults.
 *
 * Every fault lives in a noinline function named after it, which is what the kernel's report then shows.
 */
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

/* Where results go that must not be optimized away; written last, it also keeps a call from becoming a jump. */
static volatile unsigned long hil_sink;

/* Zero, but the compiler cannot know. */
static volatile unsigned long hil_zero;

static noinline void hil_null_write(void)
{
	*(volatile int *)hil_zero = 1;
}

static noinline void hil_null_read(void)
{
	hil_sink = *(volatile int *)(hil_zero + 0x10);
}

static noinline void hil_null_call(void)
{
	void (*function)(void) = (void (*)(void))hil_zero;

	function();
	hil_sink++;
}

static noinline void hil_bad_address(void)
{
	hil_sink = *(volatile unsigned long *)(0x6b6b6b6b6b6b6b6bUL + hil_zero);
}

static noinline void hil_wild_read(void)
{
	hil_sink = *(volatile unsigned long *)(0xffffa00000000000UL + hil_zero);
}

static const char hil_constant[] = "made read-only when the module was loaded";

static noinline void hil_read_only_write(void)
{
	*(volatile char *)((unsigned long)hil_constant + hil_zero) = 'M';
}

static noinline void hil_divide(void)
{
	hil_sink = 1000 / hil_zero;
}

static noinline void hil_bug(void)
{
	BUG();
}

static noinline void hil_warn(void)
{
	WARN_ON(!hil_zero);
}

static noinline void hil_warn_text(void)
{
	WARN(!hil_zero, "the ring has %d buffers too many\n", 7);
}

static noinline void hil_panic(void)
{
	panic("hil_faults was asked for it");
}

static noinline void hil_bug_after_warn(void)
{
	hil_warn();
	hil_bug();
}

static noinline void hil_use_after_free(void)
{
	volatile char *memory = kmalloc(64, GFP_KERNEL);

	if (!memory)
		return;
	kfree((void *)memory);
	hil_sink = memory[8];
}

static noinline void hil_out_of_bounds(void)
{
	volatile char *memory = kmalloc(64, GFP_KERNEL);

	if (!memory)
		return;
	memory[64 + hil_zero] = 1;
	kfree((void *)memory);
}

static noinline void hil_double_free(void)
{
	void *memory = kmalloc(128, GFP_KERNEL);
	void *again = memory;

	kfree(memory);
	OPTIMIZER_HIDE_VAR(again);
	kfree(again);
	hil_sink++;
}

static noinline void hil_leak(void)
{
	void *memory = kmalloc(200, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(memory);
	if (memory)
		memset(memory, 1, 200);
}

static noinline void hil_array_index(void)
{
	static volatile int array[4];

	array[4 + hil_zero] = 1;
	hil_sink = array[hil_zero];
}

static noinline void hil_shift(void)
{
	hil_sink = 1 << (40 + (int)hil_zero);
}

static LIST_HEAD(hil_list);

static noinline void hil_list_del_twice(void)
{
	struct list_head *entry = kmalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return;
	list_add(entry, &hil_list);
	list_del(entry);
	list_del(entry);
}

static noinline void hil_list_add_broken(void)
{
	static struct list_head entry, other;

	list_add(&entry, &hil_list);
	hil_list.next = &other;
	other.prev = &entry;
	list_add(&entry, &hil_list);
}

static noinline void hil_refcount_from_zero(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
	hil_sink = refcount_read(&count);
}

static noinline void hil_refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	hil_sink = refcount_dec_and_test(&count);
}

static DEFINE_SPINLOCK(hil_lock);
static DEFINE_SPINLOCK(hil_other_lock);
static DEFINE_MUTEX(hil_mutex);

static noinline void hil_sleep_in_atomic(void)
{
	spin_lock(&hil_lock);
	msleep(20);
	spin_unlock(&hil_lock);
}

static noinline void hil_double_spin_lock(void)
{
	spin_lock(&hil_lock);
	spin_lock(&hil_lock);
	hil_sink++;
}

static noinline void hil_double_mutex(void)
{
	mutex_lock(&hil_mutex);
	mutex_lock(&hil_mutex);
	hil_sink++;
}

static noinline void hil_lock_order(void)
{
	spin_lock(&hil_lock);
	spin_lock(&hil_other_lock);
	spin_unlock(&hil_other_lock);
	spin_unlock(&hil_lock);
	spin_lock(&hil_other_lock);
	spin_lock(&hil_lock);
	spin_unlock(&hil_lock);
	spin_unlock(&hil_other_lock);
}

static noinline void hil_hung_task(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	hil_sink++;
}

static noinline void hil_soft_lockup(void)
{
	preempt_disable();
	while (!hil_zero)
		cpu_relax();
	preempt_enable();
}

static noinline void hil_rcu_stall(void)
{
	rcu_read_lock();
	while (!hil_zero) {
		touch_softlockup_watchdog();
		cpu_relax();
	}
	rcu_read_unlock();
}

static noinline void hil_irqs_off(void)
{
	unsigned long flags;

	local_irq_save(flags);
	while (!hil_zero)
		cpu_relax();
	local_irq_restore(flags);
}

static void hil_stand_still(void *unused)
{
	while (!hil_zero)
		cpu_relax();
}

static noinline void hil_irqs_off_everywhere(void)
{
	smp_call_function(hil_stand_still, NULL, 0);
	hil_irqs_off();
}

/* Busy with interrupts off for a while, then well again: nothing to complain about for a patient observer. */
static noinline void hil_short_stall(void)
{
	unsigned long flags;

	local_irq_save(flags);
	mdelay(300);
	local_irq_restore(flags);
}

static noinline unsigned long hil_recurse(unsigned long depth)
{
	volatile unsigned char room[512];

	room[depth % sizeof(room)] = depth;
	if (hil_zero)
		return room[0];
	hil_sink = hil_recurse(depth + 1) + room[(depth + 1) % sizeof(room)];
	return hil_sink;
}

static noinline void hil_stack_overflow(void)
{
	hil_sink = hil_recurse(0);
}

static noinline void hil_stack_smash(void)
{
	char room[16];
	volatile char *at = room;
	int i;

	for (i = 0; i < 48 + (int)hil_zero; i++)
		at[i] = 0x55;
	OPTIMIZER_HIDE_VAR(at);
	hil_sink = at[3];
}

/* Keeps every page it gets, so that the kernel kills what it can and gives up at last. */
static noinline void hil_out_of_memory(void)
{
	LIST_HEAD(pages);
	struct page *page, *next;

	while (!hil_zero && !fatal_signal_pending(current)) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			break;
		list_add(&page->lru, &pages);
	}
	list_for_each_entry_safe(page, next, &pages, lru)
		__free_page(page);
}

static void hil_work_function(struct work_struct *work)
{
	hil_null_write();
}

static DECLARE_WORK(hil_work, hil_work_function);

static noinline void hil_null_write_in_work(void)
{
	schedule_work(&hil_work);
}

static void hil_ipi_function(void *unused)
{
	hil_null_write();
}

static noinline void hil_null_write_in_interrupt(void)
{
	smp_call_function(hil_ipi_function, NULL, 1);
}

static noinline void hil_complain(void)
{
	pr_err("hil_faults: a line of noise, error 5 while reading block 17\n");
}

static const struct hil_fault {
	const char *name;
	void (*run)(void);
	/* In a thread of its own, so that whoever asked can go on. */
	bool apart;
} hil_faults[] = {
	{ "null-write", hil_null_write },
	{ "null-read", hil_null_read },
	{ "null-call", hil_null_call },
	{ "bad-address", hil_bad_address },
	{ "wild-read", hil_wild_read },
	{ "read-only-write", hil_read_only_write },
	{ "divide", hil_divide },
	{ "bug", hil_bug },
	{ "warn", hil_warn },
	{ "warn-text", hil_warn_text },
	{ "panic", hil_panic },
	{ "bug-after-warn", hil_bug_after_warn },
	{ "use-after-free", hil_use_after_free },
	{ "out-of-bounds", hil_out_of_bounds },
	{ "double-free", hil_double_free },
	{ "leak", hil_leak },
	{ "array-index", hil_array_index },
	{ "shift", hil_shift },
	{ "list-del-twice", hil_list_del_twice },
	{ "list-add-broken", hil_list_add_broken },
	{ "refcount-from-zero", hil_refcount_from_zero },
	{ "refcount-underflow", hil_refcount_underflow },
	{ "sleep-in-atomic", hil_sleep_in_atomic },
	{ "double-spin-lock", hil_double_spin_lock, true },
	{ "double-mutex", hil_double_mutex, true },
	{ "lock-order", hil_lock_order },
	{ "hung-task", hil_hung_task, true },
	{ "soft-lockup", hil_soft_lockup, true },
	{ "rcu-stall", hil_rcu_stall, true },
	{ "irqs-off", hil_irqs_off, true },
	{ "irqs-off-everywhere", hil_irqs_off_everywhere, true },
	{ "short-stall", hil_short_stall },
	{ "stack-overflow", hil_stack_overflow },
	{ "stack-smash", hil_stack_smash },
	{ "out-of-memory", hil_out_of_memory },
	{ "null-write-in-work", hil_null_write_in_work },
	{ "null-write-in-interrupt", hil_null_write_in_interrupt },
	{ "complain", hil_complain },
};

static int hil_thread(void *data)
{
	const struct hil_fault *fault = data;

	fault->run();
	return 0;
}

static int hil_start(const struct hil_fault *fault)
{
	struct task_struct *thread;

	if (!fault->apart) {
		fault->run();
		return 0;
	}
	thread = kthread_run(hil_thread, (void *)fault, "hil-%s", fault->name);
	return PTR_ERR_OR_ZERO(thread);
}

static ssize_t hil_write(struct file *file, const char __user *text, size_t length, loff_t *position)
{
	char name[32];
	size_t i;
	int error;

	if (length >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, text, length))
		return -EFAULT;
	name[length] = 0;
	for (i = 0; i < ARRAY_SIZE(hil_faults); i++) {
		if (!sysfs_streq(name, hil_faults[i].name))
			continue;
		error = hil_start(&hil_faults[i]);
		return error ? error : (ssize_t)length;
	}
	return -ENOENT;
}

static int hil_show(struct seq_file *list, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hil_faults); i++)
		seq_printf(list, "%s\n", hil_faults[i].name);
	return 0;
}

static int hil_open(struct inode *inode, struct file *file)
{
	return single_open(file, hil_show, NULL);
}

static const struct file_operations hil_operations = {
	.owner = THIS_MODULE,
	.open = hil_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.write = hil_write,
	.release = single_release,
};

static struct dentry *hil_file;

static int __init hil_init(void)
{
	hil_file = debugfs_create_file("hil_faults", 0600, NULL, NULL, &hil_operations);
	return PTR_ERR_OR_ZERO(hil_file);
}

static void __exit hil_exit(void)
{
	debugfs_remove(hil_file);
}

module_init(hil_init);
module_exit(hil_exit);
MODULE_DESCRIPTION("Breaks the kernel on demand");
MODULE_LICENSE("GPL");
