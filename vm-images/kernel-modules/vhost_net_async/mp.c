// SPDX-License-Identifier: GPL-2.0-only
/*
 * mp: a pass-through back end in software, for tests. A request that was
 * submitted stays here until a test lets it go, in the order and from the
 * context that the test names. Nothing here knows about vhost.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <net/sock.h>
#include "mp.h"

#define MP_LONGEST 65562

static atomic_t requests = ATOMIC_INIT(0);
static atomic_t frames = ATOMIC_INIT(0);

static int get_count(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(kp->arg));
}

static const struct kernel_param_ops count_ops = { .get = get_count };
module_param_cb(requests, &count_ops, &requests, 0444);
MODULE_PARM_DESC(requests, "requests that were submitted and not given back");
module_param_cb(frames, &count_ops, &frames, 0444);
MODULE_PARM_DESC(frames, "frames in memory");

struct mp_frame {
	struct list_head link;
	size_t length;
	u8 bytes[];
};

struct mp_ring {
	struct list_head outstanding;	/* by submission */
	struct list_head leaving;	/* to complete in another context */
	unsigned int count, moving;
	u32 hold, context;
	int refusal;
	u64 submitted, refused;
	struct tasklet_struct tasklet;
	struct hrtimer timer;
	wait_queue_head_t left;
	struct mp *mp;
};

struct mp {
	struct socket sock;
	struct socket_wq wq;
	spinlock_t lock;
	struct mp_ring ring[2];
	struct list_head packets;	/* towards the vhost device */
	struct list_head sent;		/* by the vhost device */
	unsigned int waiting, dropped, unread;
	u32 header;
	bool capture;
	u8 *bounce;
};

static struct mp_frame *new_frame(size_t length)
{
	struct mp_frame *frame = kvmalloc(struct_size(frame, bytes, length), GFP_KERNEL);

	if (frame) {
		frame->length = length;
		atomic_inc(&frames);
	}
	return frame;
}

static void free_frame(struct mp_frame *frame)
{
	if (!frame)
		return;
	kvfree(frame);
	atomic_dec(&frames);
}

/* The destructor of a request: the last that is done with it. */
static void mp_destroy(struct mp_request *req)
{
	if (req->pages)
		unpin_user_pages_dirty_lock(req->page, req->pages, req->bytes > 0);
	req->pages = 0;
	free_frame(req->frame);
	req->frame = NULL;
	atomic_dec(&requests);
}

/* Writes bytes into a buffer, from a place of it on. */
static void scatter(struct mp_request *req, size_t at, const u8 *from, size_t length)
{
	unsigned int s;

	for (s = 0; s < req->segs && length; s++) {
		size_t skip = min_t(size_t, at, req->seg[s].length);
		size_t left = min(length, req->seg[s].length - skip);
		size_t place = req->seg[s].offset + skip;

		at -= skip;
		length -= left;
		while (left) {
			size_t part = min_t(size_t, left, PAGE_SIZE - offset_in_page(place));
			u8 *to = kmap_local_page(req->page[req->seg[s].first + place / PAGE_SIZE]);

			if (from) {
				memcpy(to + offset_in_page(place), from, part);
				from += part;
			} else {
				memset(to + offset_in_page(place), 0, part);
			}
			kunmap_local(to);
			place += part;
			left -= part;
		}
	}
}

/* Puts as much of a packet as there is room for into a buffer, behind the header that this socket supplies. */
static void fill(struct mp_request *req, struct mp *mp, struct mp_frame *packet, s32 most)
{
	size_t length = most < 0 ? packet->length : min_t(size_t, packet->length, most);
	u8 header[12] = { [10] = 1 };

	if (mp->header)
		scatter(req, 0, header, mp->header);
	scatter(req, mp->header, packet->bytes, length);
	req->bytes = min(mp->header + length, req->room);
}

/* Gives a request back. Any context; it must be on no list any more. */
static void give_back(struct mp_request *req)
{
	req->destroy = mp_destroy;
	req->complete(req);
}

/* With the lock held: takes a request off the outstanding. */
static void take_off(struct mp_ring *ring, struct mp_request *req)
{
	list_del(&req->link);
	ring->count--;
}

/* With the lock held: a frame is through. */
static void emit(struct mp *mp, struct mp_request *req)
{
	if (!req->frame)
		return;
	list_add_tail(&req->frame->link, &mp->sent);
	req->frame = NULL;
	mp->unread++;
}

static struct mp_request *next_leaving(struct mp_ring *ring)
{
	struct mp_request *req;
	unsigned long flags;

	spin_lock_irqsave(&ring->mp->lock, flags);
	req = list_first_entry_or_null(&ring->leaving, struct mp_request, link);
	if (req) {
		list_del(&req->link);
		if (ring == &ring->mp->ring[MP_TX] && !req->error)
			emit(ring->mp, req);
	}
	spin_unlock_irqrestore(&ring->mp->lock, flags);
	return req;
}

static void leave(struct mp_ring *ring)
{
	struct mp_request *req;
	unsigned long flags;

	while ((req = next_leaving(ring))) {
		give_back(req);
		spin_lock_irqsave(&ring->mp->lock, flags);
		if (!--ring->moving)
			wake_up(&ring->left);
		spin_unlock_irqrestore(&ring->mp->lock, flags);
	}
}

static void leave_in_softirq(struct tasklet_struct *tasklet)
{
	leave(from_tasklet((struct mp_ring *)NULL, tasklet, tasklet));
}

static enum hrtimer_restart leave_in_timer(struct hrtimer *timer)
{
	leave(container_of(timer, struct mp_ring, timer));
	return HRTIMER_NORESTART;
}

/* Lets go, in a context, of what was put on the list of the leaving. */
static void let_go(struct mp_ring *ring, u32 context, u32 after_us)
{
	if (context == MP_SOFTIRQ)
		tasklet_schedule(&ring->tasklet);
	else if (context == MP_TIMER)
		hrtimer_start(&ring->timer, ns_to_ktime(1000 * (u64)max(after_us, 1u)), HRTIMER_MODE_REL);
	else
		leave(ring);
}

/* With the lock held. */
static void start_leaving(struct mp_ring *ring, struct mp_request *req)
{
	take_off(ring, req);
	list_add_tail(&req->link, &ring->leaving);
	ring->moving++;
}

/* Hands packets that have arrived to the buffers that wait for them. */
void mp_poke(struct socket *sock)
{
	struct mp *mp = container_of(sock, struct mp, sock);
	struct mp_ring *ring = &mp->ring[MP_RX];
	LIST_HEAD(useless);
	struct mp_frame *packet, *next;
	struct mp_request *req;
	bool any = false;

	spin_lock_irq(&mp->lock);
	while (!ring->hold && !list_empty(&ring->outstanding) && !list_empty(&mp->packets)) {
		packet = list_first_entry(&mp->packets, struct mp_frame, link);
		req = list_first_entry(&ring->outstanding, struct mp_request, link);
		list_move_tail(&packet->link, &useless);
		mp->waiting--;
		if (packet->length + mp->header > req->room) {
			mp->dropped++;
			continue;
		}
		fill(req, mp, packet, -1);
		start_leaving(ring, req);
		any = true;
	}
	spin_unlock_irq(&mp->lock);
	if (any)
		let_go(ring, ring->context, 0);
	list_for_each_entry_safe(packet, next, &useless, link)
		free_frame(packet);
}
EXPORT_SYMBOL_GPL(mp_poke);

/* Gives back all that a ring holds, with nothing done. What is on its way goes its way. */
void mp_cancel(struct socket *sock, int which)
{
	struct mp *mp = container_of(sock, struct mp, sock);
	struct mp_ring *ring = &mp->ring[which];
	struct mp_request *req;

	for (;;) {
		spin_lock_irq(&mp->lock);
		req = list_first_entry_or_null(&ring->outstanding, struct mp_request, link);
		if (req)
			take_off(ring, req);
		spin_unlock_irq(&mp->lock);
		if (!req)
			return;
		req->error = -ECANCELED;
		give_back(req);
	}
}
EXPORT_SYMBOL_GPL(mp_cancel);

static int refusal(struct mp_ring *ring)
{
	int error = READ_ONCE(ring->refusal);

	if (error)
		ring->refused++;
	return error;
}

static void accept(struct mp_ring *ring, struct mp_request *req, bool stays)
{
	atomic_inc(&requests);
	req->bytes = 0;
	req->error = 0;
	spin_lock_irq(&ring->mp->lock);
	list_add_tail(&req->link, &ring->outstanding);
	ring->count++;
	ring->submitted++;
	if (!stays)
		start_leaving(ring, req);
	spin_unlock_irq(&ring->mp->lock);
	if (!stays)
		let_go(ring, ring->context, 0);
}

static int mp_sendmsg(struct socket *sock, struct msghdr *msg, size_t length)
{
	struct mp *mp = container_of(sock, struct mp, sock);
	struct mp_ring *ring = &mp->ring[MP_TX];
	struct mp_request *req = msg->msg_control;
	size_t header = READ_ONCE(mp->header);
	int error = refusal(ring);

	if (error)
		return error;
	if (length <= header || length > MP_LONGEST)
		return -EMSGSIZE;
	iov_iter_advance(&msg->msg_iter, header);
	length -= header;
	req->pages = 0;
	req->frame = NULL;
	if (mp->capture) {
		req->frame = new_frame(length);
		if (!req->frame)
			return -ENOMEM;
	}
	if (copy_from_iter(req->frame ? req->frame->bytes : mp->bounce, length, &msg->msg_iter) != length) {
		free_frame(req->frame);
		return -EFAULT;
	}
	accept(ring, req, ring->hold);
	return 0;
}

/* Pins the pages of a buffer: it is written to from any context. */
static int pin(struct mp_request *req)
{
	unsigned int s;

	req->pages = req->segs = 0;
	req->room = 0;
	for (s = 0; s < req->iovs; s++) {
		unsigned long start = (unsigned long)req->iov[s].iov_base;
		unsigned int length = req->iov[s].iov_len;
		int count = DIV_ROUND_UP(offset_in_page(start) + length, PAGE_SIZE);
		int got = -EMSGSIZE;

		if (!length)
			continue;
		if (req->segs < MP_MAX_SEGS && req->pages + count <= MP_MAX_PAGES)
			got = pin_user_pages_fast(start, count, FOLL_WRITE, req->page + req->pages);
		if (got != count) {
			unpin_user_pages(req->page, req->pages + max(got, 0));
			req->pages = 0;
			return got < 0 ? got : -EFAULT;
		}
		req->seg[req->segs].first = req->pages;
		req->seg[req->segs].offset = offset_in_page(start);
		req->seg[req->segs++].length = length;
		req->pages += count;
		req->room += length;
	}
	return 0;
}

static int mp_recvmsg(struct socket *sock, struct msghdr *msg, size_t length, int flags)
{
	struct mp *mp = container_of(sock, struct mp, sock);
	struct mp_ring *ring = &mp->ring[MP_RX];
	struct mp_request *req = msg->msg_control;
	int error = refusal(ring);

	if (error)
		return error;
	req->frame = NULL;
	error = pin(req);
	if (error)
		return error;
	accept(ring, req, true);
	return 0;
}

static const struct proto_ops mp_ops = { .sendmsg = mp_sendmsg, .recvmsg = mp_recvmsg };

/* The n-th of the outstanding; with the lock held. */
static struct mp_request *nth(struct mp_ring *ring, u32 place)
{
	struct mp_request *req;

	list_for_each_entry(req, &ring->outstanding, link)
		if (!place--)
			return req;
	return NULL;
}

/* With the lock held: sees to it that the named requests are there, and that RX has packets for them. */
static int may_release(struct mp *mp, struct mp_ring *ring, const struct mp_release *ask)
{
	bool fills = ring == &mp->ring[MP_RX] && !ask->error;
	u64 named = 0;
	u32 i;

	if (ring->moving)
		return -EBUSY;
	if (ask->count > MP_MOST || ask->after_us > 10 * USEC_PER_SEC)
		return -EINVAL;
	for (i = 0; i < ask->count; i++) {
		if (ask->place[i] >= min_t(u32, ring->count, 64))
			return -ENOENT;
		if (named & BIT_ULL(ask->place[i]))
			return -EEXIST;
		named |= BIT_ULL(ask->place[i]);
	}
	return fills && mp->waiting < ask->count ? -EAGAIN : 0;
}

/* With the lock held. */
static void prepare(struct mp *mp, struct mp_ring *ring, struct mp_request *req, const struct mp_release *ask, struct list_head *useless)
{
	req->error = ask->error;
	if (ring == &mp->ring[MP_TX] || ask->error)
		return;
	list_move_tail(mp->packets.next, useless);
	mp->waiting--;
	fill(req, mp, list_last_entry(useless, struct mp_frame, link), ask->most);
}

static long release(struct mp *mp, const struct mp_release *ask)
{
	struct mp_ring *ring = &mp->ring[ask->ring];
	struct mp_request *chosen[MP_MOST];
	struct mp_frame *packet, *next;
	LIST_HEAD(useless);
	long error;
	u32 i;

	spin_lock_irq(&mp->lock);
	error = may_release(mp, ring, ask);
	for (i = 0; !error && i < ask->count; i++)
		chosen[i] = nth(ring, ask->place[i]);
	for (i = 0; !error && i < ask->count; i++) {
		prepare(mp, ring, chosen[i], ask, &useless);
		start_leaving(ring, chosen[i]);
	}
	spin_unlock_irq(&mp->lock);
	list_for_each_entry_safe(packet, next, &useless, link)
		free_frame(packet);
	if (error || !ask->count)
		return error;
	let_go(ring, ask->context, ask->after_us);
	if (ask->context != MP_TIMER || !ask->after_us)
		wait_event(ring->left, !READ_ONCE(ring->moving));
	return 0;
}

static void wake(struct mp *mp, int ring)
{
	wake_up_interruptible_poll(&mp->wq.wait, ring == MP_RX ? EPOLLIN | EPOLLRDNORM : EPOLLOUT | EPOLLWRNORM);
}

static long count(struct mp *mp, struct mp_count __user *to)
{
	struct mp_count now = {};
	int r;

	spin_lock_irq(&mp->lock);
	for (r = 0; r < 2; r++) {
		now.outstanding[r] = mp->ring[r].count + mp->ring[r].moving;
		now.moving += mp->ring[r].moving;
		now.submitted[r] = mp->ring[r].submitted;
		now.refused[r] = mp->ring[r].refused;
	}
	now.waiting = mp->waiting;
	now.dropped = mp->dropped;
	now.sent = mp->unread;
	spin_unlock_irq(&mp->lock);
	return copy_to_user(to, &now, sizeof(now)) ? -EFAULT : 0;
}

static long set_mode(struct mp *mp, const struct mp_mode *mode)
{
	struct mp_ring *ring = &mp->ring[mode->ring];

	spin_lock_irq(&mp->lock);
	ring->hold = mode->hold;
	ring->context = mode->context;
	spin_unlock_irq(&mp->lock);
	wake(mp, MP_RX);
	return 0;
}

static long mp_ioctl(struct file *file, unsigned int call, unsigned long arg)
{
	struct mp *mp = file->private_data;
	void __user *from = (void __user *)arg;
	struct mp_release *ask;
	struct mp_refuse refuse;
	struct mp_mode mode;
	long done;
	u32 number;

	switch (call) {
	case MP_SET_HEADER:
		if (get_user(number, (u32 __user *)from))
			return -EFAULT;
		if (number > 12)
			return -EINVAL;
		mp->header = number;
		return 0;
	case MP_SET_CAPTURE:
		if (get_user(number, (u32 __user *)from))
			return -EFAULT;
		mp->capture = number;
		return 0;
	case MP_SET_MODE:
		if (copy_from_user(&mode, from, sizeof(mode)))
			return -EFAULT;
		return mode.ring > 1 || mode.context > MP_TIMER ? -EINVAL : set_mode(mp, &mode);
	case MP_RELEASE:
		ask = memdup_user(from, sizeof(*ask));
		if (IS_ERR(ask))
			return PTR_ERR(ask);
		done = ask->ring > 1 || ask->context > MP_TIMER || ask->error > 0 ? -EINVAL : release(mp, ask);
		kfree(ask);
		return done;
	case MP_REFUSE:
		if (copy_from_user(&refuse, from, sizeof(refuse)))
			return -EFAULT;
		if (refuse.ring > 1 || refuse.error > 0)
			return -EINVAL;
		WRITE_ONCE(mp->ring[refuse.ring].refusal, refuse.error);
		if (!refuse.error)
			wake(mp, refuse.ring);
		return 0;
	case MP_COUNT:
		return count(mp, from);
	default:
		return -ENOTTY;
	}
}

/* A packet towards the vhost device. */
static ssize_t mp_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	struct mp *mp = file->private_data;
	struct mp_frame *packet;

	if (!length || length > MP_LONGEST)
		return -EMSGSIZE;
	packet = new_frame(length);
	if (!packet)
		return -ENOMEM;
	if (copy_from_user(packet->bytes, from, length)) {
		free_frame(packet);
		return -EFAULT;
	}
	spin_lock_irq(&mp->lock);
	list_add_tail(&packet->link, &mp->packets);
	mp->waiting++;
	spin_unlock_irq(&mp->lock);
	wake(mp, MP_RX);
	return length;
}

/* The next frame that the vhost device has sent. */
static ssize_t mp_read(struct file *file, char __user *to, size_t length, loff_t *at)
{
	struct mp *mp = file->private_data;
	struct mp_frame *frame;

	spin_lock_irq(&mp->lock);
	frame = list_first_entry_or_null(&mp->sent, struct mp_frame, link);
	if (frame) {
		list_del(&frame->link);
		mp->unread--;
	}
	spin_unlock_irq(&mp->lock);
	if (!frame)
		return -EAGAIN;
	length = min(length, frame->length);
	if (copy_to_user(to, frame->bytes, length))
		length = -EFAULT;
	free_frame(frame);
	return length;
}

static __poll_t mp_poll(struct file *file, poll_table *table)
{
	struct mp *mp = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &mp->wq.wait, table);
	if (!list_empty(&mp->packets))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!READ_ONCE(mp->ring[MP_TX].refusal))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static void make_ring(struct mp *mp, struct mp_ring *ring)
{
	ring->mp = mp;
	INIT_LIST_HEAD(&ring->outstanding);
	INIT_LIST_HEAD(&ring->leaving);
	init_waitqueue_head(&ring->left);
	tasklet_setup(&ring->tasklet, leave_in_softirq);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	hrtimer_setup(&ring->timer, leave_in_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(&ring->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	ring->timer.function = leave_in_timer;
#endif
}

static int mp_open(struct inode *inode, struct file *file)
{
	struct mp *mp = kzalloc(sizeof(*mp), GFP_KERNEL);

	if (!mp)
		return -ENOMEM;
	mp->bounce = kvmalloc(MP_LONGEST, GFP_KERNEL);
	if (!mp->bounce) {
		kfree(mp);
		return -ENOMEM;
	}
	spin_lock_init(&mp->lock);
	init_waitqueue_head(&mp->wq.wait);
	INIT_LIST_HEAD(&mp->packets);
	INIT_LIST_HEAD(&mp->sent);
	make_ring(mp, &mp->ring[MP_RX]);
	make_ring(mp, &mp->ring[MP_TX]);
	mp->capture = true;
	mp->sock.ops = &mp_ops;
	mp->sock.file = file;
	file->private_data = mp;
	return 0;
}

static void free_frames(struct list_head *list)
{
	struct mp_frame *frame, *next;

	list_for_each_entry_safe(frame, next, list, link)
		free_frame(frame);
}

/* Nobody has the socket any more, so nothing is outstanding. */
static int mp_release_file(struct inode *inode, struct file *file)
{
	struct mp *mp = file->private_data;
	int r;

	for (r = 0; r < 2; r++) {
		/* A context that gave the last request back may still be on its way out. */
		hrtimer_cancel(&mp->ring[r].timer);
		tasklet_kill(&mp->ring[r].tasklet);
		WARN_ON(mp->ring[r].count || mp->ring[r].moving);
	}
	free_frames(&mp->packets);
	free_frames(&mp->sent);
	kvfree(mp->bounce);
	kfree(mp);
	return 0;
}

static const struct file_operations mp_fops = {
	.owner = THIS_MODULE,
	.open = mp_open,
	.release = mp_release_file,
	.read = mp_read,
	.write = mp_write,
	.poll = mp_poll,
	.unlocked_ioctl = mp_ioctl,
	.llseek = noop_llseek,
};

struct socket *mp_get_socket(struct file *file)
{
	struct mp *mp = file->private_data;

	return file->f_op == &mp_fops ? &mp->sock : ERR_PTR(-EINVAL);
}
EXPORT_SYMBOL_GPL(mp_get_socket);

static struct miscdevice mp_misc = { .minor = MISC_DYNAMIC_MINOR, .name = "mp", .fops = &mp_fops };
module_misc_device(mp_misc);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("A pass-through back end that completes requests when a test says so");
