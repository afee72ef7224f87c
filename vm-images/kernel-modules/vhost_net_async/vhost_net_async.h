/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HIL_VHOST_NET_ASYNC_H
#define HIL_VHOST_NET_ASYNC_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* What a vhost_net_async device holds; for tests. */
struct vhost_async_census {
	__u32 pool;		/* blocks in the pool, free or not; 0: there is none */
	__u32 taken;		/* blocks that are not free */
	__u32 in_flight[2];	/* submitted and not completed: RX, TX */
	__u32 completed[2];	/* completed and not published */
	__u32 async[2];		/* 1: the ring's link is asynchronous */
	__u64 most_submitted;	/* most bytes that one pass has submitted */
	__u64 most_published;	/* most bytes that one drain has published */
};

#define VHOST_ASYNC_CENSUS _IOR(0xAF, 0xe0, struct vhost_async_census)

#endif
