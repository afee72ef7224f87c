// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vhost network device whose link to its back end may be asynchronous: it
 * submits several buffers, the back end completes each later, in any order
 * and from any context, and used entries follow the order of completion.
 * A packet socket, a tap and a macvtap give a synchronous link, mp an
 * asynchronous one. The rings are those of the kernel's own vhost module.
 */
#include <linux/file.h>
#include <linux/if_tap.h>
#include <linux/if_tun.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/virtio_net.h>
#include <net/sock.h>
#include "vhost.h"
#include "mp.h"
#include "vhost_net_async.h"

#define RX MP_RX
#define TX MP_TX
#define RINGS 2

#define POOL 64
#define PACKET_WEIGHT 256
#define BYTE_WEIGHT 0x80000
#define HEADER_SEGS 12

#define FEATURES (VHOST_FEATURES | (1ULL << VHOST_NET_F_VIRTIO_NET_HDR))

static atomic_t devices = ATOMIC_INIT(0);
static atomic_t pools = ATOMIC_INIT(0);
static atomic_t blocks = ATOMIC_INIT(0);

static int get_count(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(kp->arg));
}

static const struct kernel_param_ops count_ops = { .get = get_count };
module_param_cb(devices, &count_ops, &devices, 0444);
MODULE_PARM_DESC(devices, "open devices");
module_param_cb(pools, &count_ops, &pools, 0444);
MODULE_PARM_DESC(pools, "pools of request blocks");
module_param_cb(blocks, &count_ops, &blocks, 0444);
MODULE_PARM_DESC(blocks, "request blocks that are not free");

enum link { SYNC, ASYNC };

struct queue;

/* A request control block. */
struct block {
	struct mp_request req;
	struct list_head link;		/* free, or completed */
	struct queue *owner;
	unsigned int head;
	size_t header_length;		/* RX: of vhost's own, as it was when it was submitted */
	size_t length;			/* TX: bytes handed over */
	struct iovec header[HEADER_SEGS];
	unsigned int headers;
	struct iovec buffer[MP_MAX_SEGS];
	unsigned int buffers;
	struct vhost_log log[MP_MAX_SEGS + HEADER_SEGS];
	unsigned int logs;
};

struct queue {
	struct vhost_virtqueue vq;
	struct vhost_poll poll;		/* of the back end */
	enum link link;
	bool starved;			/* stopped since there was no block */
	size_t vhost_header, socket_header;
	spinlock_t lock;		/* the notifier: completed blocks, first first */
	struct list_head completed;
	unsigned int waiting;		/* their number */
	unsigned int in_flight;
	wait_queue_head_t landed;
};

struct vhost_async {
	struct vhost_dev dev;
	struct vhost_virtqueue *vqs[RINGS];
	struct queue queue[RINGS];
	spinlock_t pool_lock;
	struct block *pool;
	struct list_head free;
	unsigned int taken;
	u64 most_submitted, most_published;
	struct vhost_log log[UIO_MAXIOV];
};

static struct vhost_async *device_of(struct queue *q)
{
	return container_of(q->vq.dev, struct vhost_async, dev);
}

static int index_of(struct queue *q)
{
	return q - device_of(q)->queue;
}

/* --- the pool --- */

static int make_pool(struct vhost_async *n)
{
	int i;

	if (n->pool)
		return 0;
	n->pool = kvcalloc(POOL, sizeof(*n->pool), GFP_KERNEL);
	if (!n->pool)
		return -ENOMEM;
	for (i = 0; i < POOL; i++)
		list_add_tail(&n->pool[i].link, &n->free);
	atomic_inc(&pools);
	return 0;
}

static void destroy_pool(struct vhost_async *n)
{
	if (!n->pool)
		return;
	WARN_ON(n->taken);
	kvfree(n->pool);
	n->pool = NULL;
	atomic_dec(&pools);
}

static struct block *take_block(struct queue *q)
{
	struct vhost_async *n = device_of(q);
	struct block *b;
	unsigned long flags;

	spin_lock_irqsave(&n->pool_lock, flags);
	b = list_first_entry_or_null(&n->free, struct block, link);
	if (b) {
		list_del(&b->link);
		n->taken++;
		atomic_inc(&blocks);
	} else {
		q->starved = true;
	}
	spin_unlock_irqrestore(&n->pool_lock, flags);
	if (b)
		b->owner = q;
	return b;
}

static void put_block(struct queue *q, struct block *b)
{
	struct vhost_async *n = device_of(q);
	unsigned long flags;

	spin_lock_irqsave(&n->pool_lock, flags);
	list_add(&b->link, &n->free);
	n->taken--;
	atomic_dec(&blocks);
	spin_unlock_irqrestore(&n->pool_lock, flags);
}

/* Wakes whoever stopped for want of a block. */
static void feed(struct vhost_async *n)
{
	unsigned long flags;
	bool wake[RINGS] = {};
	int r;

	spin_lock_irqsave(&n->pool_lock, flags);
	for (r = 0; r < RINGS && !list_empty(&n->free); r++) {
		wake[r] = n->queue[r].starved;
		n->queue[r].starved = false;
	}
	spin_unlock_irqrestore(&n->pool_lock, flags);
	for (r = 0; r < RINGS; r++)
		if (wake[r])
			vhost_poll_queue(&n->queue[r].vq.poll);
}

/* --- completion --- */

/*
 * The hook: the back end calls it, from any context. All is done under the
 * lock: whoever sees that nothing is in flight may let go of the queue.
 */
static void completed(struct mp_request *req)
{
	struct block *b = container_of(req, struct block, req);
	struct queue *q = b->owner;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	list_add_tail(&b->link, &q->completed);
	q->waiting++;
	q->in_flight--;
	vhost_poll_queue(&q->vq.poll);
	wake_up(&q->landed);
	spin_unlock_irqrestore(&q->lock, flags);
}

static struct block *next_completed(struct queue *q)
{
	struct block *b;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	b = list_first_entry_or_null(&q->completed, struct block, link);
	if (b) {
		list_del(&b->link);
		q->waiting--;
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return b;
}

/* The header that vhost itself supplies. */
static void write_header(struct queue *q, struct block *b)
{
	struct virtio_net_hdr_mrg_rxbuf header = { .hdr.gso_type = VIRTIO_NET_HDR_GSO_NONE };
	struct iov_iter to;

	header.num_buffers = cpu_to_vhost16(&q->vq, 1);
	iov_iter_init(&to, READ, b->header, b->headers, b->header_length);
	if (copy_to_iter(&header, b->header_length, &to) != b->header_length)
		vq_err(&q->vq, "cannot write the header\n");
}

/* Publishes a completed block and gives it back to the pool. */
static size_t publish(struct queue *q, struct block *b)
{
	struct vhost_virtqueue *vq = &q->vq;
	size_t bytes = index_of(q) == RX ? b->req.bytes : b->length;
	int used = 0;

	if (index_of(q) == RX && bytes) {
		if (b->headers)
			write_header(q, b);
		used = bytes + (b->headers ? b->header_length : 0);
	}
	vhost_add_used_and_signal(vq->dev, vq, b->head, used);
	if (used && vhost_has_feature(vq, VHOST_F_LOG_ALL))
		vhost_log_write(vq, b->log, b->logs, used, NULL, 0);
	b->req.destroy(&b->req);
	put_block(q, b);
	return bytes;
}

/* Publishes what has completed; with the ring's mutex held, in the owner's memory. */
static void drain(struct queue *q)
{
	struct vhost_async *n = device_of(q);
	struct block *b;
	size_t total = 0;

	while ((b = next_completed(q))) {
		total += publish(q, b);
		n->most_published = max_t(u64, n->most_published, total);
		if (vhost_exceeds_weight(&q->vq, 0, total))
			break;
	}
	feed(n);
}

/* --- submission --- */

static int submit(struct queue *q, struct socket *sock, struct block *b, struct msghdr *msg, size_t length)
{
	unsigned long flags;
	int error;

	b->req.complete = completed;
	b->req.iov = b->buffer;
	b->req.iovs = b->buffers;
	msg->msg_control = &b->req;
	msg->msg_controllen = sizeof(b->req);
	/* Before it is handed over: it may have completed when that returns. */
	spin_lock_irqsave(&q->lock, flags);
	q->in_flight++;
	spin_unlock_irqrestore(&q->lock, flags);
	error = index_of(q) == TX ? sock->ops->sendmsg(sock, msg, length)
				  : sock->ops->recvmsg(sock, msg, length, MSG_DONTWAIT);
	if (error >= 0)
		return 0;
	spin_lock_irqsave(&q->lock, flags);
	q->in_flight--;
	spin_unlock_irqrestore(&q->lock, flags);
	return error;
}

static void note_submitted(struct vhost_async *n, size_t total)
{
	n->most_submitted = max_t(u64, n->most_submitted, total);
}

/* Sends one buffer. Returns bytes, or 0 where the pass ends. */
static size_t transmit(struct queue *q, struct socket *sock)
{
	struct vhost_virtqueue *vq = &q->vq;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct block *b = NULL;
	unsigned int out, in;
	size_t length;
	int head, error;

	if (q->link == ASYNC) {
		b = take_block(q);
		if (!b)
			return 0;
	}
	do {
		head = vhost_get_vq_desc(vq, vq->iov, ARRAY_SIZE(vq->iov), &out, &in, NULL, NULL);
		if (head != vq->num)
			break;
		if (!vhost_enable_notify(vq->dev, vq))
			goto nothing;
		vhost_disable_notify(vq->dev, vq);
	} while (true);
	if (head < 0)
		goto nothing;
	length = iov_length(vq->iov, out);
	if (in || length <= q->vhost_header) {
		vq_err(vq, "a buffer to send that cannot be: %u parts to write, %zu bytes\n", in, length);
		goto nothing;
	}
	iov_iter_init(&msg.msg_iter, WRITE, vq->iov, out, length);
	iov_iter_advance(&msg.msg_iter, q->vhost_header);
	length -= q->vhost_header;
	if (!b) {
		error = sock->ops->sendmsg(sock, &msg, length);
		if (error == -EAGAIN || error == -ENOMEM || error == -ENOBUFS)
			goto refused;
		vhost_add_used_and_signal(vq->dev, vq, head, 0);
		return length;
	}
	b->head = head;
	b->length = length;
	b->headers = b->buffers = b->logs = 0;
	error = submit(q, sock, b, &msg, length);
	if (error == -EMSGSIZE || error == -EFAULT) {
		/* It will never be taken: dropped, as on a synchronous link. */
		vhost_add_used_and_signal(vq->dev, vq, head, 0);
		put_block(q, b);
		return length;
	}
	if (error)
		goto refused;
	return length;
refused:
	vhost_discard_vq_desc(vq, 1);
	vhost_poll_start(&q->poll, sock->file);
nothing:
	if (b)
		put_block(q, b);
	return 0;
}

static void handle_tx(struct vhost_async *n)
{
	struct queue *q = &n->queue[TX];
	struct vhost_virtqueue *vq = &q->vq;
	struct socket *sock;
	size_t sent, total = 0;
	int packets = 0;

	mutex_lock(&vq->mutex);
	sock = vhost_vq_get_backend(vq);
	if (!sock)
		goto out;
	vhost_disable_notify(vq->dev, vq);
	vhost_poll_stop(&q->poll);
	if (q->link == ASYNC)
		drain(q);
	do {
		sent = transmit(q, sock);
		total += sent;
	} while (sent && !vhost_exceeds_weight(vq, ++packets, total));
	if (q->link == ASYNC) {
		note_submitted(n, total);
		drain(q);
	}
out:
	mutex_unlock(&vq->mutex);
}

/* Moves the first bytes of a buffer into the block's header; false where it is not long enough. */
static bool split_header(struct queue *q, struct block *b, unsigned int in)
{
	const struct iovec *from = q->vq.iov;
	size_t left = q->vhost_header, part;
	unsigned int s;

	b->header_length = left;
	b->headers = b->buffers = 0;
	for (s = 0; s < in; s++) {
		part = min(left, from[s].iov_len);
		if (part)
			b->header[b->headers++] = (struct iovec){ from[s].iov_base, part };
		left -= part;
		if (part < from[s].iov_len)
			b->buffer[b->buffers++] = (struct iovec){ from[s].iov_base + part, from[s].iov_len - part };
	}
	return !left && b->buffers;
}

/* Posts one buffer. Returns its bytes, or 0 where the pass ends. */
static size_t post(struct queue *q, struct socket *sock)
{
	struct vhost_virtqueue *vq = &q->vq;
	struct vhost_async *n = device_of(q);
	struct msghdr msg = {};
	struct block *b = take_block(q);
	unsigned int out, in, logs = 0;
	size_t length;
	int head;

	if (!b)
		return 0;
	do {
		head = vhost_get_vq_desc(vq, vq->iov, ARRAY_SIZE(vq->iov), &out, &in, n->log, &logs);
		if (head != vq->num)
			break;
		if (!vhost_enable_notify(vq->dev, vq))
			goto nothing;
		vhost_disable_notify(vq->dev, vq);
	} while (true);
	if (head < 0)
		goto nothing;
	if (in > MP_MAX_SEGS || logs > ARRAY_SIZE(b->log)) {
		vq_err(vq, "a buffer of too many parts: %u\n", in);
		vhost_discard_vq_desc(vq, 1);
		goto nothing;
	}
	if (out || !split_header(q, b, in)) {
		vq_err(vq, "a buffer to receive into that cannot be: %u parts to read\n", out);
		goto nothing;
	}
	b->head = head;
	b->length = 0;
	b->logs = logs;
	memcpy(b->log, n->log, logs * sizeof(*n->log));
	length = iov_length(b->buffer, b->buffers);
	iov_iter_init(&msg.msg_iter, READ, b->buffer, b->buffers, length);
	if (submit(q, sock, b, &msg, length)) {
		vhost_discard_vq_desc(vq, 1);
		goto nothing;
	}
	return length;
nothing:
	put_block(q, b);
	return 0;
}

static void receive_async(struct queue *q, struct socket *sock)
{
	struct vhost_virtqueue *vq = &q->vq;
	size_t posted, total = 0;
	int packets = 0;

	mp_poke(sock);
	drain(q);
	do {
		posted = post(q, sock);
		total += posted;
	} while (posted && !vhost_exceeds_weight(vq, ++packets, total));
	note_submitted(device_of(q), total);
	mp_poke(sock);
	drain(q);
}

/* --- the synchronous receive side --- */

static int waiting_bytes(struct socket *sock)
{
	struct sk_buff *skb;
	unsigned long flags;
	int length = 0;

	if (sock->ops->peek_len)
		return sock->ops->peek_len(sock);
	spin_lock_irqsave(&sock->sk->sk_receive_queue.lock, flags);
	skb = skb_peek(&sock->sk->sk_receive_queue);
	if (skb) {
		length = skb->len;
		if (skb_vlan_tag_present(skb))
			length += VLAN_HLEN;
	}
	spin_unlock_irqrestore(&sock->sk->sk_receive_queue.lock, flags);
	return length;
}

/* One packet into one buffer. Returns bytes, or 0 where the pass ends. */
static size_t receive(struct queue *q, struct socket *sock, size_t length)
{
	struct vhost_virtqueue *vq = &q->vq;
	struct virtio_net_hdr_mrg_rxbuf header = { .hdr.gso_type = VIRTIO_NET_HDR_GSO_NONE };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct iov_iter start;
	unsigned int out, in, logs = 0;
	size_t needed = q->vhost_header + length;
	int head, got;

	do {
		head = vhost_get_vq_desc(vq, vq->iov, ARRAY_SIZE(vq->iov), &out, &in, device_of(q)->log, &logs);
		if (head != vq->num)
			break;
		if (!vhost_enable_notify(vq->dev, vq))
			return 0;
		vhost_disable_notify(vq->dev, vq);
	} while (true);
	if (head < 0)
		return 0;
	if (out || !in) {
		vq_err(vq, "a buffer to receive into that cannot be: %u parts to read\n", out);
		return 0;
	}
	if (iov_length(vq->iov, in) < needed) {
		/* It does not fit: it goes, the buffer stays. */
		iov_iter_init(&msg.msg_iter, READ, vq->iov, 1, 1);
		vhost_discard_vq_desc(vq, 1);
		sock->ops->recvmsg(sock, &msg, 1, MSG_DONTWAIT | MSG_TRUNC);
		return length;
	}
	iov_iter_init(&msg.msg_iter, READ, vq->iov, in, needed);
	start = msg.msg_iter;
	iov_iter_advance(&msg.msg_iter, q->vhost_header);
	got = sock->ops->recvmsg(sock, &msg, length, MSG_DONTWAIT | MSG_TRUNC);
	if (got != length) {
		vhost_discard_vq_desc(vq, 1);
		return length;
	}
	header.num_buffers = cpu_to_vhost16(vq, 1);
	if (q->vhost_header) {
		if (copy_to_iter(&header, q->vhost_header, &start) != q->vhost_header)
			vq_err(vq, "cannot write the header\n");
	} else if (q->socket_header == sizeof(header)) {
		iov_iter_advance(&start, offsetof(struct virtio_net_hdr_mrg_rxbuf, num_buffers));
		if (copy_to_iter(&header.num_buffers, 2, &start) != 2)
			vq_err(vq, "cannot write the number of buffers\n");
	}
	vhost_add_used_and_signal(vq->dev, vq, head, needed);
	if (vhost_has_feature(vq, VHOST_F_LOG_ALL))
		vhost_log_write(vq, device_of(q)->log, logs, needed, vq->iov, in);
	return length;
}

static void receive_sync(struct queue *q, struct socket *sock)
{
	size_t total = 0, got;
	int packets = 0, length;

	while ((length = waiting_bytes(sock)) > 0) {
		got = receive(q, sock, length + q->socket_header);
		if (!got)
			return;
		total += got;
		if (vhost_exceeds_weight(&q->vq, ++packets, total))
			return;
	}
	vhost_poll_start(&q->poll, sock->file);
}

static void handle_rx(struct vhost_async *n)
{
	struct queue *q = &n->queue[RX];
	struct vhost_virtqueue *vq = &q->vq;
	struct socket *sock;

	mutex_lock(&vq->mutex);
	sock = vhost_vq_get_backend(vq);
	if (!sock)
		goto out;
	vhost_disable_notify(vq->dev, vq);
	if (q->link == ASYNC) {
		receive_async(q, sock);
	} else {
		vhost_poll_stop(&q->poll);
		receive_sync(q, sock);
	}
out:
	mutex_unlock(&vq->mutex);
}

static void tx_kicked(struct vhost_work *work)
{
	handle_tx(container_of(work, struct vhost_async, queue[TX].vq.poll.work));
}

static void rx_kicked(struct vhost_work *work)
{
	handle_rx(container_of(work, struct vhost_async, queue[RX].vq.poll.work));
}

static void tx_ready(struct vhost_work *work)
{
	handle_tx(container_of(work, struct vhost_async, queue[TX].poll.work));
}

static void rx_ready(struct vhost_work *work)
{
	handle_rx(container_of(work, struct vhost_async, queue[RX].poll.work));
}

/* --- back ends --- */

static struct socket *packet_socket(int fd)
{
	struct socket *sock;
	int error;

	sock = sockfd_lookup(fd, &error);
	if (!sock)
		return ERR_PTR(-ENOTSOCK);
	if (sock->sk->sk_type == SOCK_RAW && sock->sk->sk_family == AF_PACKET)
		return sock;
	error = sock->sk->sk_type != SOCK_RAW ? -ESOCKTNOSUPPORT : -EPFNOSUPPORT;
	sockfd_put(sock);
	return ERR_PTR(error);
}

static struct socket *file_socket(int fd, enum link *link)
{
	struct file *file = fget(fd);
	struct socket *sock;

	if (!file)
		return ERR_PTR(-EBADF);
	sock = tun_get_socket(file);
	if (IS_ERR(sock))
		sock = tap_get_socket(file);
	if (IS_ERR(sock)) {
		sock = mp_get_socket(file);
		*link = ASYNC;
	}
	if (IS_ERR(sock))
		fput(file);
	return sock;
}

static struct socket *find_socket(int fd, enum link *link)
{
	struct socket *sock;

	*link = SYNC;
	if (fd == -1)
		return NULL;
	sock = packet_socket(fd);
	if (IS_ERR(sock))
		sock = file_socket(fd, link);
	return IS_ERR(sock) ? ERR_PTR(-ENOTSOCK) : sock;
}

static bool has_landed(struct queue *q)
{
	unsigned long flags;
	bool landed;

	spin_lock_irqsave(&q->lock, flags);
	landed = !q->in_flight;
	spin_unlock_irqrestore(&q->lock, flags);
	return landed;
}

/*
 * Ends an asynchronous link, with the ring's mutex held: the back end gives
 * back what it has, and all that has completed is published. Where the
 * owner's memory is gone, blocks are only freed.
 */
static void end_link(struct queue *q, struct socket *sock)
{
	bool has_memory = current->mm && current->mm == q->vq.dev->mm;
	struct block *b;

	mp_cancel(sock, index_of(q));
	wait_event(q->landed, has_landed(q));
	while ((b = next_completed(q))) {
		if (has_memory) {
			publish(q, b);
		} else {
			b->req.destroy(&b->req);
			put_block(q, b);
		}
	}
	q->starved = false;
	feed(device_of(q));
}

/* Takes the back end away; with the ring's mutex held. */
static struct socket *detach(struct queue *q)
{
	struct socket *sock = vhost_vq_get_backend(&q->vq);

	if (!sock)
		return NULL;
	vhost_poll_stop(&q->poll);
	if (q->link == ASYNC)
		end_link(q, sock);
	q->link = SYNC;
	vhost_vq_set_backend(&q->vq, NULL);
	return sock;
}

/* What can go wrong with a new back end goes wrong here, before anything has changed. */
static int check(struct queue *q, struct socket *sock)
{
	u16 __user *own = (u16 __user *)&q->vq.used->flags;
	u16 flags, __maybe_unused index;

	/* vhost writes its flags when it begins: a ring that cannot be written must fail now. */
	if (get_user(index, (u16 __user *)&q->vq.used->idx) || get_user(flags, own) || put_user(flags, own))
		return -EFAULT;
	return vfs_poll(sock->file, NULL) & EPOLLERR ? -EINVAL : 0;
}

static int attach(struct queue *q, struct socket *sock, enum link link)
{
	int error;

	vhost_vq_set_backend(&q->vq, sock);
	q->link = link;
	error = vhost_vq_init_access(&q->vq);
	if (error)
		return error;
	return vhost_poll_start(&q->poll, sock->file);
}

static long exchange(struct queue *q, int fd, struct socket **old)
{
	enum link link;
	struct socket *sock;
	long error = 0;

	if (!vhost_vq_access_ok(&q->vq))
		return -EFAULT;
	sock = find_socket(fd, &link);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	if (sock == vhost_vq_get_backend(&q->vq)) {
		*old = sock;
		return 0;
	}
	if (sock)
		error = check(q, sock);
	if (!error && link == ASYNC)
		error = make_pool(device_of(q));
	if (error) {
		sockfd_put(sock);
		return error;
	}
	*old = detach(q);
	if (!sock)
		return 0;
	error = attach(q, sock, link);
	if (!error)
		return 0;
	vhost_vq_set_backend(&q->vq, NULL);
	q->link = SYNC;
	sockfd_put(sock);
	return error;
}

static long set_backend(struct vhost_async *n, unsigned int index, int fd)
{
	struct socket *old = NULL;
	struct queue *q;
	long error;

	mutex_lock(&n->dev.mutex);
	error = vhost_dev_check_owner(&n->dev);
	if (error)
		goto out;
	if (index >= RINGS) {
		error = -ENOBUFS;
		goto out;
	}
	q = &n->queue[index];
	mutex_lock(&q->vq.mutex);
	error = exchange(q, fd, &old);
	mutex_unlock(&q->vq.mutex);
	vhost_dev_flush(&n->dev);
	if (old)
		sockfd_put(old);
out:
	mutex_unlock(&n->dev.mutex);
	return error;
}

static void stop(struct vhost_async *n, struct socket **sockets)
{
	int r;

	for (r = 0; r < RINGS; r++) {
		mutex_lock(&n->queue[r].vq.mutex);
		sockets[r] = detach(&n->queue[r]);
		mutex_unlock(&n->queue[r].vq.mutex);
	}
	vhost_dev_flush(&n->dev);
}

static void put_sockets(struct socket **sockets)
{
	int r;

	for (r = 0; r < RINGS; r++)
		if (sockets[r])
			sockfd_put(sockets[r]);
}

static void forget_headers(struct vhost_async *n)
{
	int r;

	for (r = 0; r < RINGS; r++)
		n->queue[r].vhost_header = n->queue[r].socket_header = 0;
}

static long reset_owner(struct vhost_async *n)
{
	struct socket *sockets[RINGS] = {};
	struct vhost_iotlb *memory;
	long error;

	mutex_lock(&n->dev.mutex);
	error = vhost_dev_check_owner(&n->dev);
	if (error)
		goto out;
	memory = vhost_dev_reset_owner_prepare();
	if (!memory) {
		error = -ENOMEM;
		goto out;
	}
	stop(n, sockets);
	vhost_dev_stop(&n->dev);
	vhost_dev_reset_owner(&n->dev, memory);
	forget_headers(n);
out:
	mutex_unlock(&n->dev.mutex);
	put_sockets(sockets);
	return error;
}

static long set_features(struct vhost_async *n, u64 features)
{
	bool is_long = features & (1ULL << VIRTIO_F_VERSION_1);
	size_t header = is_long ? sizeof(struct virtio_net_hdr_mrg_rxbuf) : sizeof(struct virtio_net_hdr);
	bool by_vhost = features & (1ULL << VHOST_NET_F_VIRTIO_NET_HDR);
	long error = 0;
	int r;

	if (features & ~FEATURES)
		return -EOPNOTSUPP;
	mutex_lock(&n->dev.mutex);
	if ((features & (1ULL << VHOST_F_LOG_ALL)) && !vhost_log_access_ok(&n->dev)) {
		error = -EFAULT;
		goto out;
	}
	for (r = 0; r < RINGS; r++) {
		struct queue *q = &n->queue[r];

		mutex_lock(&q->vq.mutex);
		q->vq.acked_features = features;
		q->vhost_header = by_vhost ? header : 0;
		q->socket_header = by_vhost ? 0 : header;
		mutex_unlock(&q->vq.mutex);
	}
out:
	mutex_unlock(&n->dev.mutex);
	return error;
}

static long set_owner(struct vhost_async *n)
{
	long error;

	mutex_lock(&n->dev.mutex);
	error = vhost_dev_has_owner(&n->dev) ? -EBUSY : vhost_dev_set_owner(&n->dev);
	mutex_unlock(&n->dev.mutex);
	return error;
}

static long census(struct vhost_async *n, struct vhost_async_census __user *to)
{
	struct vhost_async_census now = {};
	int r;

	mutex_lock(&n->dev.mutex);
	now.pool = n->pool ? POOL : 0;
	now.taken = n->taken;
	for (r = 0; r < RINGS; r++) {
		now.in_flight[r] = n->queue[r].in_flight;
		now.completed[r] = n->queue[r].waiting;
		now.async[r] = n->queue[r].link == ASYNC;
	}
	now.most_submitted = n->most_submitted;
	now.most_published = n->most_published;
	mutex_unlock(&n->dev.mutex);
	return copy_to_user(to, &now, sizeof(now)) ? -EFAULT : 0;
}

static long async_ioctl(struct file *file, unsigned int call, unsigned long arg)
{
	struct vhost_async *n = file->private_data;
	void __user *argp = (void __user *)arg;
	struct vhost_vring_file backend;
	u64 features = FEATURES;
	long done;

	switch (call) {
	case VHOST_NET_SET_BACKEND:
		if (copy_from_user(&backend, argp, sizeof(backend)))
			return -EFAULT;
		return set_backend(n, backend.index, backend.fd);
	case VHOST_GET_FEATURES:
		return copy_to_user(argp, &features, sizeof(features)) ? -EFAULT : 0;
	case VHOST_SET_FEATURES:
		if (copy_from_user(&features, argp, sizeof(features)))
			return -EFAULT;
		return set_features(n, features);
	case VHOST_RESET_OWNER:
		return reset_owner(n);
	case VHOST_SET_OWNER:
		return set_owner(n);
	case VHOST_ASYNC_CENSUS:
		return census(n, argp);
	default:
		mutex_lock(&n->dev.mutex);
		done = vhost_dev_ioctl(&n->dev, call, argp);
		if (done == -ENOIOCTLCMD)
			done = vhost_vring_ioctl(&n->dev, call, argp);
		else
			vhost_dev_flush(&n->dev);
		mutex_unlock(&n->dev.mutex);
		return done == -ENOIOCTLCMD ? -ENOTTY : done;
	}
}

static void make_queue(struct vhost_async *n, int r)
{
	struct queue *q = &n->queue[r];

	q->vq.handle_kick = r == TX ? tx_kicked : rx_kicked;
	n->vqs[r] = &q->vq;
	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->completed);
	init_waitqueue_head(&q->landed);
}

static int async_open(struct inode *inode, struct file *file)
{
	struct vhost_async *n = kvzalloc(sizeof(*n), GFP_KERNEL | __GFP_RETRY_MAYFAIL);

	if (!n)
		return -ENOMEM;
	spin_lock_init(&n->pool_lock);
	INIT_LIST_HEAD(&n->free);
	make_queue(n, RX);
	make_queue(n, TX);
	vhost_dev_init(&n->dev, n->vqs, RINGS, UIO_MAXIOV, PACKET_WEIGHT, BYTE_WEIGHT, true, NULL);
	vhost_poll_init(&n->queue[TX].poll, tx_ready, EPOLLOUT, &n->dev);
	vhost_poll_init(&n->queue[RX].poll, rx_ready, EPOLLIN, &n->dev);
	file->private_data = n;
	atomic_inc(&devices);
	return 0;
}

static int async_release(struct inode *inode, struct file *file)
{
	struct vhost_async *n = file->private_data;
	struct socket *sockets[RINGS];

	stop(n, sockets);
	vhost_dev_stop(&n->dev);
	vhost_dev_cleanup(&n->dev);
	put_sockets(sockets);
	destroy_pool(n);
	kvfree(n);
	atomic_dec(&devices);
	return 0;
}

static const struct file_operations async_fops = {
	.owner = THIS_MODULE,
	.open = async_open,
	.release = async_release,
	.unlocked_ioctl = async_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice async_misc = { .minor = MISC_DYNAMIC_MINOR, .name = "vhost-net-async", .fops = &async_fops };
module_misc_device(async_misc);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("A vhost network device with an asynchronous link to its back end");
