/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mp: a software pass-through back end whose requests complete later, in any
 * order and from any context. What a vhost device submits, and what a test
 * may ask of the back end.
 */
#ifndef HIL_MP_H
#define HIL_MP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MP_RX 0
#define MP_TX 1

/* Most segments of a request, and most pages that they may touch. */
#define MP_MAX_SEGS 32
#define MP_MAX_PAGES 64

/* Where requests complete. */
#define MP_PROCESS 0
#define MP_SOFTIRQ 1
#define MP_TIMER 2

/* Most requests that one MP_RELEASE completes. */
#define MP_MOST 64

struct mp_mode {
	__u32 ring;
	__u32 hold;	/* 1: requests stay until they are released */
	__u32 context;	/* of those that do not stay */
	__u32 pad;
};

struct mp_release {
	__u32 ring;
	__u32 count;
	__u32 context;
	__s32 error;	/* negative errno to fail them with; 0: they succeed */
	__s32 most;	/* most bytes of each; -1: all */
	__u32 after_us;	/* MP_TIMER: so much later, nobody waits */
	__u32 place[MP_MOST];	/* places among the outstanding, oldest 0, as before the call */
};

struct mp_refuse {
	__u32 ring;
	__s32 error;	/* negative errno of every submit from now on; 0: none */
};

struct mp_count {
	__u32 outstanding[2];	/* submitted and not completed */
	__u32 moving;		/* of those: on their way to complete */
	__u32 waiting;		/* packets that wait for a buffer */
	__u32 dropped;		/* packets that fitted no buffer */
	__u32 sent;		/* frames that were not read yet */
	__u64 submitted[2];
	__u64 refused[2];
};

#define MP_SET_HEADER	_IOW('m', 0xe0, __u32)
#define MP_SET_MODE	_IOW('m', 0xe1, struct mp_mode)
#define MP_RELEASE	_IOW('m', 0xe2, struct mp_release)
#define MP_REFUSE	_IOW('m', 0xe3, struct mp_refuse)
#define MP_COUNT	_IOR('m', 0xe4, struct mp_count)
#define MP_SET_CAPTURE	_IOW('m', 0xe5, __u32)

#ifdef __KERNEL__
#include <linux/list.h>
#include <linux/net.h>
#include <linux/uio.h>

/*
 * A request, part of a block of its submitter. It travels to the socket in
 * msg_control. Until complete() was called it is the back end's.
 */
struct mp_request {
	/* Set by the submitter. */
	void (*complete)(struct mp_request *req);
	const struct iovec *iov;	/* RX: the buffer; valid during the call */
	unsigned int iovs;

	/* Set by the back end before it calls complete(). */
	size_t bytes;			/* RX: written, the header included */
	int error;
	void (*destroy)(struct mp_request *req);	/* in process context */

	/* The back end's own. */
	struct list_head link;
	struct mp_frame *frame;
	size_t room;
	unsigned int pages;
	unsigned int segs;
	struct page *page[MP_MAX_PAGES];
	struct { unsigned int first, offset, length; } seg[MP_MAX_SEGS];
};

struct socket *mp_get_socket(struct file *file);
void mp_poke(struct socket *sock);
void mp_cancel(struct socket *sock, int ring);
#endif
#endif
