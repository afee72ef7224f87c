using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace HilTests.Core.Channel;

/// <summary>A module of a swap.</summary>
/// <param name="Name">As the kernel gives it (<c>vhost_net</c>).</param>
/// <param name="Content">The file to insert; empty for the image's own.</param>
public sealed record SwappedModule(string Name, ReadOnlyMemory<byte> Content);

/// <summary>
/// What a <see cref="FrameKind.Swap"/> frame asks for: that these modules are removed, the last one first, and the given
/// files inserted, the first one first. As bytes: a line <c>NAME LENGTH</c> a module, an empty line, then the contents one behind
/// the other.
/// </summary>
/// <param name="Modules">In the order in which they need each other: what others need stands first.</param>
public sealed record ModuleSwap(ImmutableArray<SwappedModule> Modules)
{
    private const int LongestName = 64;

    /// <summary>The bytes of the frame's payload.</summary>
    public byte[] Encode()
    {
        var head = new StringBuilder();
        foreach (var module in Modules)
            head.Append(CultureInfo.InvariantCulture, $"{module.Name} {module.Content.Length}\n");
        byte[] lines = Encoding.ASCII.GetBytes(head.Append('\n').ToString());
        byte[] payload = new byte[lines.Length + Modules.Sum(m => m.Content.Length)];
        lines.CopyTo(payload, 0);
        int at = lines.Length;
        foreach (var module in Modules)
        {
            module.Content.CopyTo(payload.AsMemory(at));
            at += module.Content.Length;
        }
        return payload;
    }

    /// <summary>Reads the payload of a frame.</summary>
    /// <exception cref="ChannelException">It is no such payload; says what was read.</exception>
    public static ModuleSwap Parse(ReadOnlyMemory<byte> payload)
    {
        var modules = ImmutableArray.CreateBuilder<SwappedModule>();
        var named = new List<(string Name, int Length)>();
        int at = 0;
        while (true)
        {
            int end = payload.Span[at..].IndexOf((byte)'\n');
            if (end < 0)
                throw new ChannelException($"a swap of modules without the empty line behind its {named.Count} names");
            string line = Encoding.ASCII.GetString(payload.Span.Slice(at, end));
            at += end + 1;
            if (line.Length == 0)
                break;
            named.Add(ReadLine(line));
        }
        foreach (var (name, length) in named)
        {
            if (length > payload.Length - at)
                throw new ChannelException($"a swap of modules says that {name} has {length} bytes, {payload.Length - at} are left");
            modules.Add(new SwappedModule(name, payload.Slice(at, length)));
            at += length;
        }
        return at == payload.Length
            ? new ModuleSwap(modules.ToImmutable())
            : throw new ChannelException($"a swap of modules has {payload.Length - at} bytes behind its last module");
    }

    private static (string Name, int Length) ReadLine(string line) =>
        line.Split(' ') is [{ Length: > 0 and <= LongestName } name, var number]
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? (name, length)
            : throw new ChannelException($"'{line}' in a swap of modules is not NAME LENGTH");
}

/// <summary>The answer to a swap, the text of a <see cref="FrameKind.Swapped"/> frame: <c>done</c>, or what was refused.</summary>
/// <param name="Module">The module that was refused; null when all went well.</param>
/// <param name="Action"><c>remove</c> or <c>insert</c>.</param>
/// <param name="Errno">The errno's name.</param>
/// <param name="Words">What the kernel said about it, lines joined by "; "; may be empty.</param>
/// <param name="IsRestored">Whether the modules are what they were before: false if even that failed, and the machine is of no more use.</param>
public sealed record SwapAnswer(string? Module = null, string Action = "", string Errno = "", string Words = "", bool IsRestored = true)
{
    private const string Done = "done";

    /// <inheritdoc/>
    public override string ToString() =>
        Module is null ? Done : $"{(IsRestored ? "restored" : "lost")} {Action} {Module} {Errno} {Words}".TrimEnd();

    /// <summary>Reads the text of a frame.</summary>
    /// <exception cref="ChannelException">It is no such answer.</exception>
    public static SwapAnswer Parse(string text) => text.Split(' ', 5) switch
    {
        [Done] => new SwapAnswer(),
        [("restored" or "lost") and var state, ("remove" or "insert") and var action, var module, var errno, .. var words] =>
            new SwapAnswer(module, action, errno, words.FirstOrDefault(""), state == "restored"),
        _ => throw new ChannelException($"'{(text.Length > 100 ? text[..100] : text)}' is no answer to a swap of modules"),
    };
}
