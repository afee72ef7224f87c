/*
 * The traffic driver of the agent once more, in C: the same frames, the same checks, the same ring work, the same sleeps. What
 * the benchmark `traffic` measures the C# driver against. One direction, one tap, EVENT_IDX off.
 *
 *   ring-peer tx|rx FRAMES BYTES WINDOW BUFFERS NUM     prints one line: "peer us=N frames=N kicks=N sleeps=N"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 12, BATCH = 32, PATTERN = 1 << 16, BUFFER = 1600, QUIET = 40, CELL_BITS = 7, MOST_BITS = 42 };

static const uint8_t head[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
static uint64_t seed = 1;
static uint8_t *pattern;
static uint64_t counts[(MOST_BITS - CELL_BITS + 1) << CELL_BITS];

static struct vring_desc *desc;
static struct vring_avail *avail;
static struct vring_used *used;
static uint8_t *buffers;
static int num, slots, bytes, window, frames;
static int *free_slots, free_count;
static uint8_t *offered;
static uint16_t avail_index, published, used_index;
static int kick, call, device, far;
static long kicks, sleeps, offered_count, used_count;
static int sent, arrived;
static uint64_t *sent_at, *seen, first, last;
static uint8_t frame[65536];

static void die(const char *what) { perror(what); exit(1); }

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t finish(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t mix(uint64_t from, uint64_t number) { return finish(from ^ (number * 0x9e3779b97f4a7c15)); }

static void make_pattern(void)
{
	uint64_t state = seed;
	pattern = calloc(1, PATTERN + bytes);
	for (int at = 0; at + 8 <= PATTERN + bytes; at += 8) {
		uint64_t word = finish(state += 0x9e3779b97f4a7c15);
		memcpy(pattern + at, &word, 8);
	}
}

static void write_frame(uint64_t number, uint8_t *into)
{
	memcpy(into, head, sizeof(head));
	memcpy(into + 14, &number, 8);
	memcpy(into + 22, pattern + mix(~seed, number) % PATTERN, bytes - 22);
}

static int is_frame(uint64_t number, const uint8_t *f, long length)
{
	return length == bytes && !memcmp(f, head, sizeof(head)) && !memcmp(f + 14, &number, 8)
		&& !memcmp(f + 22, pattern + mix(~seed, number) % PATTERN, bytes - 22);
}

static void record(uint64_t value)
{
	int bit = value ? 63 - __builtin_clzll(value) : 0;
	int octave = bit > CELL_BITS ? bit - CELL_BITS : 0;
	if (value >> MOST_BITS) return;
	counts[(octave << CELL_BITS) + (value >> octave)]++;
}

static void note(const uint8_t *f, long length)
{
	uint64_t at = now();
	if (arrived >= frames || !is_frame(arrived, f, length)) {
		fprintf(stderr, "frame %d is not the one that was sent (%ld bytes)\n", arrived, length);
		exit(1);
	}
	seen[arrived / 64] |= 1ull << (arrived % 64);
	record(at - sent_at[arrived]);
	arrived++;
	last = at;
}

static void note_sent(uint64_t at)
{
	if (!first) first = at;
	sent_at[sent++] = at;
}

static void add(int slot, int length, int flags)
{
	desc[slot] = (struct vring_desc){ .addr = (uintptr_t)(buffers + (long)slot * BUFFER), .len = length, .flags = flags };
	offered[slot] = 1;
	avail->ring[avail_index & (num - 1)] = slot;
	avail_index++;
	offered_count++;
}

static void publish(void)
{
	uint64_t one = 1;
	if (avail_index == published) return;
	__atomic_store_n(&avail->idx, avail_index, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&used->flags, __ATOMIC_ACQUIRE) & VRING_USED_F_NO_NOTIFY)) {
		if (write(kick, &one, 8) != 8) die("kick");
		kicks++;
	}
	published = avail_index;
}

static uint16_t waiting(void) { return __atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) - used_index; }

static struct vring_used_elem recycle(void)
{
	struct vring_used_elem e = used->ring[used_index & (num - 1)];
	if (e.id >= (unsigned)slots || !offered[e.id]) { fprintf(stderr, "head %u was not offered\n", e.id); exit(1); }
	used_index++;
	used_count++;
	offered[e.id] = 0;
	free_slots[free_count++] = e.id;
	return e;
}

static int turn_tx(void)
{
	int moved = 0, batch = 0;
	for (; batch < BATCH && sent < frames && free_count && sent - arrived < window; batch++) {
		int slot = free_slots[--free_count];
		uint8_t *b = buffers + (long)slot * BUFFER;
		memset(b, 0, HEADER);
		write_frame(sent, b + HEADER);
		add(slot, HEADER + bytes, 0);
		note_sent(now());
	}
	publish();
	moved = batch > 0;
	for (int n = waiting(), i = 0; i < n; i++) {
		if (recycle().len) { fprintf(stderr, "a TX buffer has a length\n"); exit(1); }
		moved = 1;
	}
	for (batch = 0; batch < BATCH && sent > arrived; batch++) {
		struct sockaddr_ll from;
		socklen_t from_length = sizeof(from);
		long n = recvfrom(far, frame, sizeof(frame), MSG_TRUNC, (struct sockaddr *)&from, &from_length);
		if (n < 0) break;
		note(frame, n);
		moved = 1;
	}
	return moved;
}

static int turn_rx(void)
{
	int moved = 0, batch = 0;
	while (free_count && offered_count < frames) {
		add(free_slots[--free_count], BUFFER, VRING_DESC_F_WRITE);
		moved = 1;
	}
	publish();
	for (; batch < BATCH && sent < frames && sent - arrived < window; batch++) {
		uint64_t at;
		write_frame(sent, frame);
		at = now();
		if (send(far, frame, bytes, 0) < 0) break;
		note_sent(at);
		moved = 1;
	}
	while (waiting()) {
		struct vring_used_elem e = recycle();
		uint8_t *b = buffers + (long)e.id * BUFFER;
		static const uint8_t zero[10];
		if (memcmp(b, zero, 10) || b[10] != 1 || b[11]) { fprintf(stderr, "the header is not empty\n"); exit(1); }
		memcpy(frame, b + HEADER, e.len - HEADER);
		note(frame, e.len - HEADER);
		moved = 1;
	}
	return moved;
}

static int flush(void)
{
	int none = -1;
	return ioctl(device, VHOST_SET_LOG_FD, &none);
}

/* Asks for signals, looks once more, and waits. */
static int sleep_once(int tx)
{
	struct pollfd fds[2] = { { .fd = call, .events = POLLIN }, { .fd = tx && offered_count == used_count && arrived < sent ? far : -1, .events = POLLIN } };
	uint64_t count;
	int woken;
	__atomic_store_n(&avail->flags, 0, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	woken = waiting() > 0;
	if (!woken) {
		sleeps++;
		woken = poll(fds, 2, 25) > 0;
		if (!woken && flush() == 0) woken = waiting() > 0;
		if (read(call, &count, 8) == 8) woken = 1;
	}
	__atomic_store_n(&avail->flags, VRING_AVAIL_F_NO_INTERRUPT, __ATOMIC_RELEASE);
	return woken;
}

static void up(const char *name)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	strcpy(r.ifr_name, name);
	r.ifr_mtu = 65521;
	if (ioctl(s, SIOCSIFMTU, &r)) die("SIOCSIFMTU");
	if (ioctl(s, SIOCGIFFLAGS, &r)) die("SIOCGIFFLAGS");
	r.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &r)) die("SIOCSIFFLAGS");
	close(s);
}

static int open_tap(void)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int header = HEADER, room = 64 << 20, tap = open("/dev/net/tun", O_RDWR);
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	strcpy(r.ifr_name, "hilpeer");
	if (tap < 0 || ioctl(tap, TUNSETIFF, &r) || ioctl(tap, TUNSETVNETHDRSZ, &header)) die("make a tap");
	up(r.ifr_name);
	far = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	struct ifreq index = { 0 };
	strcpy(index.ifr_name, r.ifr_name);
	if (far < 0 || ioctl(far, SIOCGIFINDEX, &index)) die("find the tap");
	at.sll_ifindex = index.ifr_ifindex;
	if (bind(far, (struct sockaddr *)&at, sizeof(at)) || setsockopt(far, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room))) die("far side");
	return tap;
}

static void check(int result, const char *what) { if (result) die(what); }

static void set_up(int ring)
{
	uint64_t features = (1ull << 32) | (1ull << VIRTIO_NET_F_MRG_RXBUF);
	char *area = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct vhost_memory *memory = calloc(1, sizeof(*memory) + sizeof(struct vhost_memory_region));
	struct vhost_vring_state state = { .index = ring, .num = num };
	struct vhost_vring_file file = { .index = ring };
	if (area == MAP_FAILED) die("mmap");
	desc = (void *)area;
	avail = (void *)(area + 16 * num);
	used = (void *)(area + 32 * num);
	buffers = (void *)(area + 0x10000);
	struct vhost_vring_addr addr = { .index = ring, .desc_user_addr = (uintptr_t)desc, .avail_user_addr = (uintptr_t)avail, .used_user_addr = (uintptr_t)used };
	*memory = (struct vhost_memory){ .nregions = 1 };
	memory->regions[0] = (struct vhost_memory_region){ .guest_phys_addr = (uintptr_t)area, .memory_size = 1 << 20, .userspace_addr = (uintptr_t)area };
	device = open("/dev/vhost-net", O_RDWR);
	if (device < 0) die("/dev/vhost-net");
	check(ioctl(device, VHOST_SET_OWNER), "SET_OWNER");
	check(ioctl(device, VHOST_SET_FEATURES, &features), "SET_FEATURES");
	check(ioctl(device, VHOST_SET_MEM_TABLE, memory), "SET_MEM_TABLE");
	check(ioctl(device, VHOST_SET_VRING_NUM, &state), "SET_VRING_NUM");
	state.num = 0;
	check(ioctl(device, VHOST_SET_VRING_BASE, &state), "SET_VRING_BASE");
	check(ioctl(device, VHOST_SET_VRING_ADDR, &addr), "SET_VRING_ADDR");
	file.fd = kick = eventfd(0, EFD_NONBLOCK);
	check(ioctl(device, VHOST_SET_VRING_KICK, &file), "SET_VRING_KICK");
	file.fd = call = eventfd(0, EFD_NONBLOCK);
	check(ioctl(device, VHOST_SET_VRING_CALL, &file), "SET_VRING_CALL");
	file.fd = open_tap();
	check(ioctl(device, VHOST_NET_SET_BACKEND, &file), "SET_BACKEND");
}

int main(int argc, char **argv)
{
	int tx, quiet = 0;
	if (argc != 7) { fprintf(stderr, "usage: ring-peer tx|rx FRAMES BYTES WINDOW BUFFERS NUM\n"); return 2; }
	tx = !strcmp(argv[1], "tx");
	frames = atoi(argv[2]);
	bytes = atoi(argv[3]);
	window = atoi(argv[4]);
	slots = atoi(argv[5]);
	num = atoi(argv[6]);
	if (frames < 1 || bytes < 22 || HEADER + bytes > BUFFER || slots > num || 0x10000 + (long)slots * BUFFER > 1 << 20) { fprintf(stderr, "that does not fit\n"); return 2; }
	make_pattern();
	free_slots = calloc(slots, sizeof(int));
	offered = calloc(slots, 1);
	sent_at = calloc(frames, 8);
	seen = calloc(frames / 64 + 1, 8);
	for (int slot = slots - 1; slot >= 0; slot--) free_slots[free_count++] = slot;
	set_up(tx ? 1 : 0);
	avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	while ((arrived < frames || used_count < offered_count) && quiet < QUIET)
		quiet = (tx ? turn_tx() : turn_rx()) || sleep_once(tx) ? 0 : quiet + 1;
	if (quiet == QUIET) { fprintf(stderr, "stuck after %d frames\n", arrived); return 1; }
	printf("peer us=%llu frames=%d kicks=%ld sleeps=%ld\n", (unsigned long long)(last - first) / 1000, arrived, kicks, sleeps);
	return 0;
}
