using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>What posix_spawn does with descriptors: a block of memory that only the C library looks into.</summary>
[Header("spawn.h")]
[CTypedef]
[StructLayout(LayoutKind.Sequential, Size = 80)]
public struct posix_spawn_file_actions_t
{
    [NotInC("the C library's members are its own; only the size counts")]
    private Array8<ulong> _opaque;
}
