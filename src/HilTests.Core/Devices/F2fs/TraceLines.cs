using System.Globalization;

namespace HilTests.Core.Devices.F2fs;

/// <summary>
/// Reads the lines of a tracing instance: <c>COMM-PID [CPU] FLAGS STAMP: EVENT: TEXT</c>. The events' texts are those
/// of include/trace/events/f2fs.h; what cannot be read is <see cref="TraceLineKind.Other"/>.
/// </summary>
public static class TraceLines
{
    /// <summary>Thirty years at 1000 ticks a second, far from where sums of times overflow.</summary>
    private const long LatestJiffies = 1L << 40;

    private static readonly TraceLine Other = new() { Kind = TraceLineKind.Other, Jiffies = -1 };

    /// <summary>Decodes one line.</summary>
    public static TraceLine Read(ReadOnlySpan<char> line)
    {
        if (line.StartsWith("CPU:") && line.Contains("[LOST", StringComparison.Ordinal)) return Other with { Kind = TraceLineKind.Lost };
        if (!TrySplit(line, out var context, out var name, out var text)) return Other;
        return ReadEvent(name, text) with { Pid = context.Pid, Cpu = context.Cpu, InInterrupt = context.InInterrupt };
    }

    /// <summary>The text after <c>EVENT: </c>, with the event's name; empty where the line is not of that form.</summary>
    public static ReadOnlySpan<char> TextOf(ReadOnlySpan<char> line) => TrySplit(line, out _, out _, out var text) ? text : [];

    private static bool TrySplit(ReadOnlySpan<char> line, out (int Pid, int Cpu, bool InInterrupt) context, out ReadOnlySpan<char> name, out ReadOnlySpan<char> text)
    {
        context = default;
        name = text = [];
        var cpu = FindCpu(line);
        if (cpu < 0) return false;
        var task = line[..cpu].TrimEnd();
        if (!int.TryParse(task[(task.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return false;
        var rest = line[(cpu + 1)..];
        var close = rest.IndexOf(']');
        if (!int.TryParse(rest[..close], NumberStyles.None, CultureInfo.InvariantCulture, out var processor)) return false;
        context = (pid, processor, IsInterrupt(rest[(close + 1)..].TrimStart()));
        rest = rest[(close + 1)..];
        var stampEnd = rest.IndexOf(": ");
        if (stampEnd < 0) return false;
        rest = rest[(stampEnd + 2)..].TrimStart();
        var nameEnd = rest.IndexOf(':');
        if (nameEnd <= 0) return false;
        name = rest[..nameEnd];
        text = rest[(nameEnd + 1)..].Trim();
        return true;
    }

    /// <summary>The third flag says whether a hard or soft interrupt is served (Documentation/trace/ftrace.rst).</summary>
    private static bool IsInterrupt(ReadOnlySpan<char> flags) => flags.Length > 2 && flags[2] is 'h' or 'H' or 's' or 'z' or 'Z';

    /// <summary>Where <c>[CPU]</c> begins: three or more digits in brackets after a task's number.</summary>
    private static int FindCpu(ReadOnlySpan<char> line)
    {
        for (var at = 0; ;)
        {
            var next = line[at..].IndexOf('[');
            if (next < 0) return -1;
            at += next;
            var digits = at + 1;
            while (digits < line.Length && char.IsAsciiDigit(line[digits])) digits++;
            var before = line[..at].TrimEnd();
            if (digits >= at + 4 && digits < line.Length && line[digits] == ']' && before.Length > 0 && char.IsAsciiDigit(before[^1])) return at;
            at++;
        }
    }

    private static TraceLine ReadEvent(ReadOnlySpan<char> name, ReadOnlySpan<char> text) => name switch
    {
        "bio_submit" => OfBio(TraceLineKind.BioSubmit, text),
        "bio_end" or "dio_end" => OfBio(TraceLineKind.BioEnd, text),
        "bio_put" => OfBio(TraceLineKind.BioPut, text),
        "update" or "update_folio" => OfJiffies(TraceLineKind.Update, text),
        "at_read" or "at_write" => OfJiffies(TraceLineKind.AtSubmit, text),
        "at_record" => OfJiffies(TraceLineKind.AtRecord, text),
        "tick" => OfJiffies(TraceLineKind.Tick, text),
        "dio_write" => OfJiffies(TraceLineKind.DirectSubmit, text) with { Write = true },
        "dio_read" => OfJiffies(TraceLineKind.DirectSubmit, text),
        "block_bio_queue" => OfRequest(text) is { Kind: TraceLineKind.RequestDone } queued ? queued with { Kind = TraceLineKind.BioQueued } : Other,
        "f2fs_submit_read_bio" or "f2fs_submit_write_bio" => OfSubmit(text, name[12] == 'w'),
        "f2fs_submit_page_write" or "f2fs_submit_folio_write" => OfPage(text),
        "f2fs_submit_page_bio" or "f2fs_submit_folio_bio" => OfPage(text) is { Write: true } page ? page : Other,
        "f2fs_gc_begin" => Other with { Kind = TraceLineKind.CollectBegin, Device = Device(text) },
        "f2fs_gc_end" => Other with { Kind = TraceLineKind.CollectEnd, Device = Device(text) },
        "f2fs_write_checkpoint" when text.EndsWith("= start block_ops") => Other with { Kind = TraceLineKind.CheckpointBegin, Device = Device(text) },
        "f2fs_write_checkpoint" when text.EndsWith("= finish checkpoint") => Other with { Kind = TraceLineKind.CheckpointEnd, Device = Device(text) },
        "checkpoint_end" => OfJiffies(TraceLineKind.CheckpointEnd, text),
        "f2fs_issue_discard" => OfDiscard(text),
        "block_rq_complete" => OfRequest(text),
        "f2fs_iostat" => Other with { Kind = TraceLineKind.Record, Device = Device(text) },
        "f2fs_iostat_latency" => Other with { Kind = TraceLineKind.Latency, Device = Device(text) },
        "tracing_mark_write" => OfMark(text),
        _ => Other,
    };

    private static TraceLine OfJiffies(TraceLineKind kind, ReadOnlySpan<char> text)
    {
        var at = text.LastIndexOf("jiffies=");
        return at >= 0 && long.TryParse(text[(at + 8)..], NumberStyles.None, CultureInfo.InvariantCulture, out var jiffies) && jiffies <= LatestJiffies
            ? new TraceLine { Kind = kind, Jiffies = jiffies, Device = ProbedDevice(text) }
            : Other;
    }

    /// <summary>A probe prints the kernel's own number, <c>dev=7340032</c>: 20 bits of minor (include/linux/kdev_t.h).</summary>
    private static long ProbedDevice(ReadOnlySpan<char> text) =>
        TryDecimal(text, "dev=", out var number) ? TraceLine.DeviceOf((long)number >> 20, (long)number & 0xfffff) : 0;

    private static TraceLine OfBio(TraceLineKind kind, ReadOnlySpan<char> text)
    {
        var line = OfJiffies(kind, text);
        return line.Kind == kind && TryHex(text, "bio=0x", out var bio) ? line with { Number = bio } : Other;
    }

    private static TraceLine OfSubmit(ReadOnlySpan<char> text, bool write)
    {
        var flags = Between(text, "rw = ", ")");
        flags = flags[(flags.IndexOf('(') + 1)..];
        var type = AfterFlags(text);
        if (!TryDecimal(text, "size = ", out var size)) return Other;
        return new TraceLine
        {
            Kind = TraceLineKind.Submit,
            Jiffies = -1,
            Device = Device(text),
            Type = TypeOf(type),
            Write = write,
            Sync = HasFlag(flags, "S"),
            Number = size,
            Sector = TryDecimal(text, "sector = ", out var sector) ? sector : 0,
        };
    }

    private static TraceLine OfPage(ReadOnlySpan<char> text)
    {
        if (!TryHex(text, "newaddr = 0x", out var address)) return Other;
        var type = text[(text.LastIndexOf('_') + 1)..];
        return new TraceLine
        {
            Kind = TraceLineKind.PageWrite,
            Jiffies = -1,
            Device = Device(text),
            Type = text.EndsWith("META_FLUSH") ? PageType.Meta : TypeOf(type),
            Write = text.Contains("rw = WRITE", StringComparison.Ordinal),
            Number = address,
        };
    }

    private static TraceLine OfDiscard(ReadOnlySpan<char> text) =>
        TryHex(text, "blkstart = 0x", out var start) && TryHex(text, "blklen = 0x", out var length)
            ? new TraceLine { Kind = TraceLineKind.Discard, Jiffies = -1, Device = Device(text), Number = start, Length = length }
            : Other;

    /// <summary><c>254,0 WS 4096 () 36864 + 8 [0]</c>; newer kernels put more before the bracket.</summary>
    private static TraceLine OfRequest(ReadOnlySpan<char> text)
    {
        var comma = text.IndexOf(',');
        var space = text.IndexOf(' ');
        var plus = text.IndexOf(" + ");
        if (comma < 0 || space < comma || plus < space) return Other;
        if (!int.TryParse(text[..comma], out var major) || !int.TryParse(text[(comma + 1)..space], out var minor)) return Other;
        var before = text[..plus];
        var after = text[(plus + 3)..];
        var end = after.IndexOf(' ');
        if (end < 0 || !ulong.TryParse(before[(before.LastIndexOf(' ') + 1)..], out var sector) || !ulong.TryParse(after[..end], out var sectors)) return Other;
        var kind = text[(space + 1)..];
        kind = kind[..kind.IndexOf(' ')];
        return new TraceLine
        {
            Kind = TraceLineKind.RequestDone,
            Jiffies = -1,
            Device = TraceLine.DeviceOf(major, minor),
            Sector = sector,
            Length = sectors,
            Discards = kind.Contains('D'),
            Write = kind.Contains('W'),
        };
    }

    private static TraceLine OfMark(ReadOnlySpan<char> text)
    {
        var kind = text.StartsWith("hil begin ") ? TraceLineKind.StepBegin : text.StartsWith("hil end ") ? TraceLineKind.StepEnd
            : text.StartsWith("hil space ") ? TraceLineKind.SpaceRead : TraceLineKind.Other;
        return kind != TraceLineKind.Other && ulong.TryParse(text[(text.LastIndexOf(' ') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? new TraceLine { Kind = kind, Jiffies = -1, Number = step }
            : Other;
    }

    /// <summary>The file system's device: of <c>dev = (target)/(sb)</c> the second, else the only one.</summary>
    private static long Device(ReadOnlySpan<char> text)
    {
        var pair = Between(text, "dev = (", ")");
        var end = text.IndexOf(')');
        if (end >= 0 && text[(end + 1)..].StartsWith("/(")) pair = Between(text[(end + 1)..], "/(", ")");
        var comma = pair.IndexOf(',');
        return comma > 0 && int.TryParse(pair[..comma], out var major) && int.TryParse(pair[(comma + 1)..], out var minor)
            ? TraceLine.DeviceOf(major, minor)
            : 0;
    }

    private static ReadOnlySpan<char> AfterFlags(ReadOnlySpan<char> text)
    {
        var rw = text.IndexOf("rw = ");
        if (rw < 0) return [];
        var rest = text[rw..];
        var close = rest.IndexOf("), ");
        if (close < 0) return [];
        rest = rest[(close + 3)..];
        var comma = rest.IndexOf(',');
        return comma < 0 ? rest : rest[..comma];
    }

    private static bool HasFlag(ReadOnlySpan<char> flags, string flag)
    {
        foreach (var part in flags.Split('|'))
            if (flags[part].SequenceEqual(flag)) return true;
        return false;
    }

    private static PageType TypeOf(ReadOnlySpan<char> word) => word switch
    {
        "DATA" => PageType.Data,
        "NODE" => PageType.Node,
        "META" or "META_FLUSH" => PageType.Meta,
        _ => PageType.Unknown,
    };

    private static ReadOnlySpan<char> Between(ReadOnlySpan<char> text, string before, string after)
    {
        var begin = text.IndexOf(before);
        if (begin < 0) return [];
        var rest = text[(begin + before.Length)..];
        var end = rest.IndexOf(after);
        return end < 0 ? [] : rest[..end];
    }

    private static bool TryHex(ReadOnlySpan<char> text, string before, out ulong number)
    {
        number = 0;
        var begin = text.IndexOf(before);
        if (begin < 0) return false;
        var rest = text[(begin + before.Length)..];
        var end = 0;
        while (end < rest.Length && char.IsAsciiHexDigit(rest[end])) end++;
        return ulong.TryParse(rest[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryDecimal(ReadOnlySpan<char> text, string before, out ulong number)
    {
        number = 0;
        var begin = text.IndexOf(before);
        if (begin < 0) return false;
        var rest = text[(begin + before.Length)..];
        var end = 0;
        while (end < rest.Length && char.IsAsciiDigit(rest[end])) end++;
        return ulong.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
