using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using HilTests.Uapi.Linux;

namespace HilTests.Uapi.Devices;

/// <summary>
/// Builds one rtnetlink message: a head, a fixed body, attributes that nest. Everything is aligned to 4 bytes; lengths
/// of heads that are still open are filled in when they close. See rtnetlink(7).
/// </summary>
internal sealed class RouteMessage
{
    private readonly List<byte> _bytes = [];

    /// <summary>Starts a message of a type (RTM_*) with NLM_F_* flags.</summary>
    public RouteMessage(int type, int flags, uint sequence) =>
        Append(new nlmsghdr { nlmsg_type = (ushort)type, nlmsg_flags = (ushort)flags, nlmsg_seq = sequence });

    /// <summary>Adds a fixed body.</summary>
    public RouteMessage Append<T>(T body)
        where T : unmanaged => AppendBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in body)));

    /// <summary>Adds an attribute that holds text with its closing zero.</summary>
    public RouteMessage Text(int type, string text) => Attribute(type, Encoding.UTF8.GetBytes(text + "\0"));

    /// <summary>Adds an attribute that holds a number.</summary>
    public RouteMessage Number(int type, uint number) =>
        Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in number)));

    /// <summary>Adds an attribute that holds a structure.</summary>
    public RouteMessage Struct<T>(int type, T body)
        where T : unmanaged => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in body)));

    /// <summary>Adds an attribute that holds what <paramref name="fill"/> adds.</summary>
    public RouteMessage Nest(int type, Action<RouteMessage> fill)
    {
        var start = _bytes.Count;
        Append(new rtattr { rta_type = (ushort)type });
        fill(this);
        var length = checked((ushort)(_bytes.Count - start));
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes)[start..], in length);
        return this;
    }

    /// <summary>The finished message.</summary>
    public byte[] Finish()
    {
        var length = (uint)_bytes.Count;
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes), in length);
        return [.. _bytes];
    }

    private RouteMessage Attribute(int type, ReadOnlySpan<byte> value)
    {
        var length = checked((ushort)(Unsafe.SizeOf<rtattr>() + value.Length));
        Append(new rtattr { rta_len = length, rta_type = (ushort)type });
        return AppendBytes(value);
    }

    private RouteMessage AppendBytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        while (_bytes.Count % rtnetlink_h.RTA_ALIGNTO != 0)
            _bytes.Add(0);

        return this;
    }
}
