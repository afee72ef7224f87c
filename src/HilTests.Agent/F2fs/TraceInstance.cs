using System.Text;
using HilTests.Agent.Execution;
using HilTests.Agent.Local;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// A tracing instance of the program's own, with the events of f2fs and probes on the life of every bio. The probes'
/// lines carry <c>jiffies</c>, which the accounting under test does not write.
/// </summary>
internal sealed class TraceInstance : IDisposable
{
    /// <summary>Where tracing instances are made.</summary>
    public const string Root = "/sys/kernel/tracing";

    private const string Jiffies = "jiffies=@jiffies_64:u64";

    /// <summary>
    /// The device of the file system that f2fs_update_iostat() is called for: struct f2fs_sb_info begins with the pointer
    /// sb (fs/f2fs/f2fs.h), struct super_block with a list head, 16 bytes, and s_dev (include/linux/fs.h). The model
    /// notices where a kernel has them elsewhere: the agent's own calls would carry another device.
    /// </summary>
    private const string DeviceOfUpdate = "dev=+16(+0($arg1)):u32";
    private const string DeviceOfEvent = "dev=$dev:u32";

    private static readonly string[] Events =
    [
        "f2fs/f2fs_submit_read_bio", "f2fs/f2fs_submit_write_bio", "f2fs/f2fs_submit_page_write", "f2fs/f2fs_submit_folio_write",
        "f2fs/f2fs_submit_page_bio", "f2fs/f2fs_submit_folio_bio", "f2fs/f2fs_iostat", "f2fs/f2fs_iostat_latency",
        "f2fs/f2fs_gc_begin", "f2fs/f2fs_gc_end", "f2fs/f2fs_write_checkpoint", "f2fs/f2fs_issue_discard", "block/block_rq_complete", "block/block_bio_queue",
    ];

    /// <summary>
    /// Events with probes on them. They get no filter: the kernel writes an event that has one after what its probes
    /// write, and the model reads a probe's line as that of the event before it.
    /// </summary>
    private static readonly string[] ProbedEvents = ["f2fs/f2fs_submit_read_bio", "f2fs/f2fs_submit_write_bio", "f2fs/f2fs_iostat"];

    private readonly string _folder;
    private readonly string _group;
    private readonly List<string> _probes = [];
    private readonly List<string> _refused = [];
    private bool _hasDirectLatency;
    private readonly FileDescriptor _marker;
    private readonly FileDescriptor _pipe;

    /// <summary>Opens the instance and switches its events on.</summary>
    /// <param name="device">
    /// the disk's number as <c>MAJOR:MINOR</c>, so that events of others do not fill the buffer; null where there is no
    /// disk yet, and events of every disk are recorded
    /// </param>
    public TraceInstance(string? device)
    {
        if (!File.Exists($"{Root}/trace"))
            Sys.Check(libc.mount("none", Root, "tracefs", 0, null), "mount", Root).OrThrow("mount tracefs");
        _group = Owner.Current.Name;
        _folder = $"{Root}/instances/{_group}";
        Sys.Check(libc.mkdir(_folder, 0x1c0), "mkdir", _folder).OrThrow("make a tracing instance");
        try
        {
            DefineProbes();
            // A counter: one order for all processors, also where their clocks disagree. Times come from jiffies.
            Set("trace_clock", "counter");
            Set("buffer_size_kb", "6144");
            Set("options/overwrite", "0");
            if (device is not null) KeepTo(device);
            SwitchEventsOn();
            _marker = FileDescriptor.Open($"{_folder}/trace_marker", fcntl_h.O_WRONLY | fcntl_h.O_CLOEXEC).OrThrow("open the trace marker");
            _pipe = FileDescriptor.Open($"{_folder}/trace_pipe", fcntl_h.O_RDONLY | fcntl_h.O_NONBLOCK | fcntl_h.O_CLOEXEC).OrThrow("open the trace");
        }
        catch
        {
            _marker ??= new FileDescriptor();
            _pipe ??= new FileDescriptor();
            Dispose();
            throw;
        }
    }

    /// <summary>Events and probes that this kernel does not offer, by name.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Whether it shows when threads begin and end checkpoints and garbage collection.</summary>
    public bool ShowsOrigins => !_refused.Any(name => name is "f2fs/f2fs_gc_begin" or "f2fs/f2fs_gc_end" or "f2fs/f2fs_write_checkpoint");

    /// <summary>Puts a line into the trace, and with it the jiffies of now.</summary>
    public unsafe void Mark(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* start = bytes)
        {
            Sys.Check(libc.write(_marker, start, (nuint)bytes.Length), "write", "trace_marker").OrThrow("mark the trace");
        }
        // Probed: its line says what jiffies was at this place of the trace.
        _ = libc.getppid();
    }

    /// <summary>Takes out the lines gathered so far.</summary>
    public List<string> TakeLines()
    {
        var all = new MemoryStream();
        var error = KernelFile.Drain(_pipe, all);
        if (error != Errno.None) throw new AgentFailureException($"reading the trace failed with {error}");
        var lines = new List<string>();
        var text = Encoding.ASCII.GetString(all.GetBuffer(), 0, (int)all.Length);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            if (!line.IsEmpty) lines.Add(line.ToString());
        }
        return lines;
    }

    /// <summary>Events lost since the start: overwritten or cut off, and dropped.</summary>
    public (long Overrun, long Dropped) Lost()
    {
        long overrun = 0;
        long dropped = 0;
        foreach (var cpu in Directory.EnumerateDirectories($"{_folder}/per_cpu"))
        {
            foreach (var line in KernelFile.MustRead($"{cpu}/stats", "read the trace's counters").Split('\n'))
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                if (colon < 0 || !long.TryParse(line.AsSpan(colon + 2), out var number)) continue;
                if (line.StartsWith("overrun", StringComparison.Ordinal) || line.StartsWith("commit overrun", StringComparison.Ordinal)) overrun += number;
                if (line.StartsWith("dropped events", StringComparison.Ordinal)) dropped += number;
            }
        }
        return (overrun, dropped);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        KernelFile.Write($"{_folder}/events/enable", "0");
        _marker.Dispose();
        _pipe.Dispose();
        var removed = Sys.Check(libc.rmdir(_folder), "rmdir", _folder);
        // Probes on events go before the probes and events they stand on.
        for (var i = _probes.Count - 1; i >= 0; i--)
            KernelFile.Write($"{Root}/dynamic_events", $"-:{_group}/{_probes[i]}", fcntl_h.O_WRONLY | fcntl_h.O_APPEND);
        if (!removed.Ok) throw new AgentFailureException($"cannot remove the tracing instance: {removed}");
    }

    private void DefineProbes()
    {
        Probe("tick", $"p {{0}} __x64_sys_getppid {Jiffies}");
        Probe("bio_submit", $"p {{0}} submit_bio bio=$arg1:x64 {Jiffies}");
        Probe("bio_end", $"p {{0}} bio_endio bio=$arg1:x64 {Jiffies}");
        Probe("bio_put", $"p {{0}} bio_put bio=$arg1:x64 {Jiffies}");
        // Where the update is inline, what it ends with is a function.
        Probe("update", $"p {{0}} f2fs:f2fs_update_iostat {DeviceOfUpdate} {Jiffies}", $"p {{0}} f2fs:f2fs_record_iostat {DeviceOfUpdate} {Jiffies}");
        Probe("at_read", $"e {{0}} f2fs.f2fs_submit_read_bio {DeviceOfEvent} {Jiffies}");
        Probe("at_write", $"e {{0}} f2fs.f2fs_submit_write_bio {DeviceOfEvent} {Jiffies}");
        // A kernel without probes on events takes one on the end of the function that makes records; it is hit without a record too, and
        // what counts is the first hit behind a record.
        Probe("at_record", $"e {{0}} f2fs.f2fs_iostat {DeviceOfEvent} {Jiffies}", $"r {{0}} f2fs:f2fs_record_iostat {Jiffies}");
        // The event tells of checkpoints that were written to their end, the probe also of those that were not.
        TryProbe("checkpoint_end", $"r {{0}} f2fs:f2fs_write_checkpoint {Jiffies}");
        // Newer kernels: a further way to a record, and direct I/O in the latencies.
        TryProbe("update_folio", $"p {{0}} f2fs:f2fs_update_read_folio_count {DeviceOfUpdate} {Jiffies}");
        _hasDirectLatency = TryProbe("dio_end", $"p {{0}} f2fs:f2fs_dio_end_bio bio=$arg1:x64 {Jiffies}");
        if (!_hasDirectLatency) return;
        Probe("dio_write", $"p {{0}} f2fs:f2fs_dio_write_submit_io {Jiffies}");
        Probe("dio_read", $"p {{0}} f2fs:f2fs_dio_read_submit_io {Jiffies}");
    }

    /// <summary>Defines the first of the probes that the kernel takes; one that it must not lack otherwise counts as refused.</summary>
    private void Probe(string name, params ReadOnlySpan<string> definitions)
    {
        foreach (var definition in definitions)
        {
            if (TryProbe(name, definition)) return;
        }
        _refused.Add(name);
    }

    /// <param name="name">the probe's name</param>
    /// <param name="definition">as for dynamic_events, with <c> {0}</c> behind the kind for the name</param>
    private bool TryProbe(string name, string definition)
    {
        var line = definition.Replace(" {0}", $":{_group}/{name}", StringComparison.Ordinal);
        var error = KernelFile.Write($"{Root}/dynamic_events", line + "\n", fcntl_h.O_WRONLY | fcntl_h.O_APPEND);
        if (error == Errno.None) _probes.Add(name);
        return error == Errno.None;
    }

    /// <summary>
    /// Lets only events of one disk through. A saving, nothing more: the model leaves out what is not its disk's. So
    /// the probe of updates has no filter, and a kernel where it reads no device is not mistaken for a silent one.
    /// </summary>
    private void KeepTo(string device)
    {
        var parts = device.Split(':');
        // The kernel's own form of a device number: 20 bits of minor (include/linux/kdev_t.h).
        var filter = $"dev == {(long.Parse(parts[0]) << 20) | long.Parse(parts[1])}";
        foreach (var name in Events.Except(ProbedEvents).Where(name => Directory.Exists($"{_folder}/events/{name}")))
            Set($"events/{name}/filter", filter);
    }

    private void SwitchEventsOn()
    {
        foreach (var name in Events)
        {
            if (!Directory.Exists($"{_folder}/events/{name}")) _refused.Add(name);
            else Set($"events/{name}/enable", "1");
        }
        foreach (var name in _probes) Set($"events/{_group}/{name}/enable", "1");
    }

    private void Set(string name, string value) => KernelFile.Must($"{_folder}/{name}", value, "set up tracing");
}
