using System.Globalization;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.Reporting.Reproducers;

/// <summary>Steps of vhost-net as C statements.</summary>
internal static class VhostNetC
{
    /// <summary>What stands before main: the arena, the rings, and a function for each kind of step.</summary>
    public const string Prelude = """
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/if_tun.h>
        #include <linux/vhost.h>
        #include <net/if.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/eventfd.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/socket.h>
        #include <linux/if_packet.h>
        #include <linux/if_ether.h>
        #include <unistd.h>

        #define ARENA (4 << 20)

        struct side { int num, desc, avail, used, there, kick, call, err; uint16_t avail_at, used_at; };

        static unsigned char *arena;
        static int device = -1, tap = -1, far_side = -1;
        static struct side sides[2];

        static void step(int number, const char *text) { printf("%d: %s\n", number, text); }
        static inline void told(long result) { printf("  errno=%s\n", result < 0 ? strerrorname_np(errno) : "0"); }
        static void must(long result, const char *what) { if (result < 0) { perror(what); exit(2); } }

        static void setup(void)
        {
        	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        	if (arena == MAP_FAILED) { perror("mmap"); exit(2); }
        	for (int i = 0; i < 2; i++) sides[i].kick = sides[i].call = sides[i].err = -1;
        }

        static inline void le(long at, uint64_t value, int bytes) { for (int i = 0; i < bytes; i++) arena[at + i] = value >> (8 * i); }
        static uint16_t get16(long at) { return __atomic_load_n((uint16_t *)(arena + at), __ATOMIC_ACQUIRE); }
        static uint32_t get32(long at) { uint32_t v; memcpy(&v, arena + at, 4); return v; }

        static inline void driver_ring(int ring, int num, int desc, int avail, int used, int start)
        {
        	struct side *s = &sides[ring];
        	s->num = num; s->desc = desc; s->avail = avail; s->used = used; s->there = 1;
        	s->avail_at = start; s->used_at = get16(used + 2);
        }

        static inline void descriptor(long table, int index, uint64_t addr, uint32_t len, int flags, int next)
        {
        	long at = table + 16L * index;
        	le(at, addr, 8); le(at + 8, len, 4); le(at + 12, flags, 2); le(at + 14, next, 2);
        }

        static inline void offer(int ring, int head)
        {
        	struct side *s = &sides[ring];
        	le(s->avail + 4 + 2 * (s->avail_at++ & (s->num - 1)), head, 2);
        }

        static inline void publish(int ring, int index)
        {
        	struct side *s = &sides[ring];
        	s->avail_at = index;
        	__atomic_store_n((uint16_t *)(arena + s->avail + 2), s->avail_at, __ATOMIC_RELEASE);
        	__atomic_thread_fence(__ATOMIC_SEQ_CST);
        }

        static inline int new_event(int *kept) { *kept = eventfd(0, EFD_NONBLOCK); must(*kept, "eventfd"); return *kept; }
        static inline unsigned long long taken(int event) { uint64_t n = 0; if (event >= 0 && read(event, &n, 8) != 8) n = 0; return n; }

        static inline void make_tap(int header, int sndbuf)
        {
        	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | (header ? IFF_VNET_HDR : 0) };
        	tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
        	must(tap, "/dev/net/tun");
        	must(ioctl(tap, TUNSETIFF, &request), "TUNSETIFF");
        	if (header) must(ioctl(tap, TUNSETVNETHDRSZ, &header), "TUNSETVNETHDRSZ");
        	if (sndbuf) must(ioctl(tap, TUNSETSNDBUF, &sndbuf), "TUNSETSNDBUF");
        	int plain = socket(AF_INET, SOCK_DGRAM, 0);
        	char quiet[128];
        	snprintf(quiet, sizeof quiet, "echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6", request.ifr_name);
        	if (system(quiet)) { }
        	must(ioctl(plain, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
        	request.ifr_flags |= IFF_UP;
        	must(ioctl(plain, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
        	close(plain);
        	far_side = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
        	must(far_side, "packet socket");
        	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex(request.ifr_name) };
        	must(bind(far_side, (void *)&at, sizeof at), "bind");
        }

        static inline void show(const char *name, struct side *s)
        {
        	uint16_t index = get16(s->used + 2);
        	printf("  %s.used = [", name);
        	for (int n = 0; s->used_at != index && n < s->num; s->used_at++, n++)
        		printf("%s{id=%u len=%u}", n ? " " : "", get32(s->used + 4 + 8L * (s->used_at & (s->num - 1))), get32(s->used + 8 + 8L * (s->used_at & (s->num - 1))));
        	s->used_at = index;
        	printf("] idx=%u calls=%llu errs=%llu flags=%u avail-event=%u\n", index, taken(s->call), taken(s->err), get16(s->used), get16(s->used + 4 + 8L * s->num));
        }

        /* The flush changes nothing and waits for the device's worker. */
        static inline void settle(void)
        {
        	int none = -1;
        	unsigned char frame[70000];
        	ssize_t n;
        	for (int i = 0; i < 20; i++) { ioctl(device, VHOST_SET_LOG_FD, &none); usleep(10000); }
        	if (sides[0].there) show("rx", &sides[0]);
        	if (sides[1].there) show("tx", &sides[1]);
        	while (far_side >= 0 && (n = recv(far_side, frame, sizeof frame, 0)) > 0) {
        		printf("  wire: %zd bytes:", n);
        		for (int i = 0; i < n && i < 32; i++) printf(" %02x", frame[i]);
        		printf("\n");
        	}
        }

        """;

    private static readonly Dictionary<string, string> PlainCalls = new()
    {
        ["set-owner"] = "VHOST_SET_OWNER",
        ["reset-owner"] = "VHOST_RESET_OWNER",
    };

    /// <summary>The statements of a step; null where it cannot be said.</summary>
    public static IReadOnlyList<string>? Of(string line)
    {
        var (name, arguments) = CProgram.Parse(line);
        var step = new Arguments(arguments);
        return name switch
        {
            "open" => ["device = open(\"/dev/vhost-net\", O_RDWR | O_CLOEXEC); told(device);"],
            "close" => ["close(device); device = -1; told(0);"],
            "set-owner" or "reset-owner" => [$"told(ioctl(device, {PlainCalls[name]}));"],
            "get-features" => ["{ uint64_t f = 0; told(ioctl(device, VHOST_GET_FEATURES, &f)); printf(\"  features=0x%llx\\n\", (unsigned long long)f); }"],
            "set-features" => [$"{{ uint64_t f = {step.Hex("mask")}; told(ioctl(device, VHOST_SET_FEATURES, &f)); }}"],
            "set-backend-features" => [$"{{ uint64_t f = {step.Hex("mask")}; told(ioctl(device, VHOST_SET_BACKEND_FEATURES, &f)); }}"],
            "set-mem-table" when !step.Has("count") && !step.Has("padding") => MemoryTable(step),
            "set-vring-num" => [RingState(step, "VHOST_SET_VRING_NUM", step.Number("num"))],
            "set-vring-base" => [RingState(step, "VHOST_SET_VRING_BASE", step.Number("base"))],
            "get-vring-base" => [$"{{ struct vhost_vring_state s = {{ .index = {step.Number("ring")} }}; told(ioctl(device, VHOST_GET_VRING_BASE, &s)); printf(\"  base=%u\\n\", s.num); }}"],
            "set-busyloop" => [RingState(step, "VHOST_SET_VRING_BUSYLOOP_TIMEOUT", step.Number("us"))],
            "set-vring-addr" when step.IsNumber("desc") && step.IsNumber("avail") && step.IsNumber("used") =>
                [$"{{ struct vhost_vring_addr a = {{ .index = {step.Number("ring")}, .flags = {step.Number("flags", 0)}, .desc_user_addr = (uintptr_t)arena + {step.Number("desc")}, .avail_user_addr = (uintptr_t)arena + {step.Number("avail")}, .used_user_addr = (uintptr_t)arena + {step.Number("used")}, .log_guest_addr = {step.Number("log", 0)} }}; told(ioctl(device, VHOST_SET_VRING_ADDR, &a)); }}"],
            "set-vring-kick" => RingFile(step, "VHOST_SET_VRING_KICK", "kick"),
            "set-vring-call" => RingFile(step, "VHOST_SET_VRING_CALL", "call"),
            "set-vring-err" => RingFile(step, "VHOST_SET_VRING_ERR", "err"),
            "make-backend" when step.Word("kind") == "tap" && !step.Has("outlet") => [$"make_tap({step.Number("header", 0)}, {step.Number("sndbuf", 0)});"],
            "set-backend" => [$"{{ struct vhost_vring_file f = {{ .index = {step.Number("ring")}, .fd = {(step.Word("backend") == "none" ? "-1" : "tap")} }}; told(ioctl(device, VHOST_NET_SET_BACKEND, &f)); }}"],
            "driver-ring" => [$"driver_ring({step.Ring}, {step.Number("num")}, {step.Number("desc")}, {step.Number("avail")}, {step.Number("used")}, {step.Number("start", 0)});"],
            "desc" => [$"descriptor({step.Number("table")}, {step.Number("index")}, {step.Hex("addr")}, {step.Number("len")}, {step.Flags}, {step.Number("next", 0)});"],
            "frame" => Bytes(step.Number("at"), FrameContent.Make((int)step.Long("len"), (ulong)step.Long("seed"))),
            "bytes" when step["data"] is BytesValue data => Bytes(step.Number("at"), data.Content.AsSpan()),
            "fill" => [$"memset(arena + {step.Number("at")}, {step.Number("byte")}, {step.Number("len")});"],
            "offer" when step["heads"] is ListValue heads => [.. heads.Items.Select(h => $"offer({step.Ring}, {h});"), $"publish({step.Ring}, sides[{step.Ring}].avail_at);"],
            "offer-range" => [$"for (int i = 0; i < {step.Number("count")}; i++) offer({step.Ring}, {step.Number("first")} + i * {step.Number("stride", 1)});", $"publish({step.Ring}, sides[{step.Ring}].avail_at);"],
            "publish-index" => [$"publish({step.Ring}, {step.Number("index")});"],
            "avail-flags" => [$"le(sides[{step.Ring}].avail, {step.Number("flags")}, 2);"],
            "used-event" => [$"le(sides[{step.Ring}].avail + 4 + 2 * sides[{step.Ring}].num, {step.Number("index")}, 2);"],
            "kick" => [$"if (sides[{step.Ring}].kick >= 0) eventfd_write(sides[{step.Ring}].kick, 1);"],
            "read" => [$"printf(\"  data=h'\"); for (int i = 0; i < {step.Number("len")}; i++) printf(\"%02x\", arena[{step.Number("at")} + i]); printf(\"'\\n\");"],
            "send" => Send(FrameContent.Make((int)step.Long("len"), (ulong)step.Long("seed"))),
            "settle" => ["settle();"],
            _ => null,
        };
    }

    private static string RingState(Arguments step, string call, string number) =>
        $"{{ struct vhost_vring_state s = {{ .index = {step.Number("ring")}, .num = {number} }}; told(ioctl(device, {call}, &s)); }}";

    private static IReadOnlyList<string>? RingFile(Arguments step, string call, string kept)
    {
        var file = step.Word("fd") switch
        {
            "event" when step.Long("ring") is 0 or 1 => $"new_event(&sides[{step.Number("ring")}].{kept})",
            "event" => "eventfd(0, EFD_NONBLOCK)",
            "none" => "-1",
            "closed" => "9999",
            _ => null,
        };
        return file is null ? null : [$"{{ struct vhost_vring_file f = {{ .index = {step.Number("ring")}, .fd = {file} }}; told(ioctl(device, {call}, &f)); }}"];
    }

    private static IReadOnlyList<string>? MemoryTable(Arguments step)
    {
        if (step["regions"] is not ListValue regions || regions.Items.Any(r => r is not RecordValue region || region["at"] is not NumberValue)) return null;
        List<string> lines = [$"{{ struct {{ struct vhost_memory head; struct vhost_memory_region at[{Math.Max(1, regions.Items.Length)}]; }} t = {{ .head.nregions = {regions.Items.Length} }};"];
        for (var i = 0; i < regions.Items.Length; i++)
        {
            var region = new Arguments(((RecordValue)regions.Items[i]).Fields.ToDictionary(f => f.Name, f => f.Value));
            lines.Add($"  t.at[{i}] = (struct vhost_memory_region){{ .guest_phys_addr = {region.Hex("guest")}, .memory_size = {region.Hex("size")}, .userspace_addr = (uintptr_t)arena + {region.Number("at")} }};");
        }
        return [.. lines, "  told(ioctl(device, VHOST_SET_MEM_TABLE, &t)); }"];
    }

    private static IReadOnlyList<string> Bytes(string at, ReadOnlySpan<byte> content) =>
        [$"{{ static const unsigned char b[] = {{ {Listed(content)} }}; memcpy(arena + {at}, b, sizeof b); }}"];

    private static IReadOnlyList<string> Send(ReadOnlySpan<byte> frame) =>
        [$"{{ static const unsigned char b[] = {{ {Listed(frame)} }}; told(send(far_side, b, sizeof b, 0)); }}"];

    private static string Listed(ReadOnlySpan<byte> content) => content.IsEmpty ? "0" : string.Join(", ", content.ToArray());

    /// <summary>A step's arguments as C.</summary>
    private sealed class Arguments(Dictionary<string, Value> values)
    {
        public Value? this[string name] => values.GetValueOrDefault(name);

        /// <summary>0 receives, 1 sends.</summary>
        public string Ring => Word("ring") == "tx" ? "1" : "0";

        /// <summary>VRING_DESC_F_NEXT, WRITE and INDIRECT (linux/virtio_ring.h).</summary>
        public string Flags => this["flags"] is ListValue list
            ? list.Items.Sum(f => f is SymbolValue { Word: var word } ? word switch { "next" => 1, "write" => 2, "indirect" => 4, _ => 0 } : f is NumberValue n ? n.Number : 0).ToString(CultureInfo.InvariantCulture)
            : Number("flags", 0);

        public bool Has(string name) => values.ContainsKey(name);

        public bool IsNumber(string name) => this[name] is NumberValue;

        public string Word(string name) => this[name] switch { SymbolValue symbol => symbol.Word, TextValue text => text.Content, _ => "" };

        public long Long(string name) => this[name] is NumberValue number ? number.Number : 0;

        public string Number(string name, long missing = 0) => (this[name] is NumberValue number ? number.Number : missing).ToString(CultureInfo.InvariantCulture);

        public string Hex(string name) => string.Create(CultureInfo.InvariantCulture, $"0x{Long(name):x}ULL");
    }
}
