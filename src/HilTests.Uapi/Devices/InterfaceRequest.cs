using System.Text;
using HilTests.Uapi.Linux;

namespace HilTests.Uapi.Devices;

/// <summary>Fills and reads the name of an <see cref="ifreq"/>.</summary>
internal static class InterfaceRequest
{
    /// <summary>A request about the interface <paramref name="name"/>, the rest zero.</summary>
    /// <exception cref="ArgumentException">The name has more than 15 bytes.</exception>
    public static ifreq For(string name)
    {
        var request = default(ifreq);
        Span<byte> room = request.ifr_name;
        if (Encoding.UTF8.GetByteCount(name) >= room.Length)
        {
            throw new ArgumentException(
                $"interface name '{name}' has more than {room.Length - 1} bytes; choose a shorter one", nameof(name));
        }

        Encoding.UTF8.GetBytes(name, room);
        return request;
    }

    /// <summary>The name in a request the kernel has filled.</summary>
    public static string NameOf(ifreq request)
    {
        ReadOnlySpan<byte> bytes = request.ifr_name;
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
