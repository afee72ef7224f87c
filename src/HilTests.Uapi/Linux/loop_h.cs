using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/loop.h: requests of /dev/loopN and /dev/loop-control.</summary>
[Header("linux/loop.h")]
public static class loop_h
{
    public const int LO_NAME_SIZE = 64;
    public const int LO_KEY_SIZE = 32;
    public const int LO_FLAGS_READ_ONLY = 1;
    public const int LO_FLAGS_AUTOCLEAR = 4;
    public const int LO_FLAGS_PARTSCAN = 8;
    public const int LO_FLAGS_DIRECT_IO = 16;
    public const uint LOOP_SET_STATUS_SETTABLE_FLAGS = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN;
    public const uint LOOP_SET_STATUS_CLEARABLE_FLAGS = LO_FLAGS_AUTOCLEAR;
    public const uint LOOP_CONFIGURE_SETTABLE_FLAGS = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO;
    public const int LO_CRYPT_NONE = 0;
    public const int LO_CRYPT_XOR = 1;
    public const int LO_CRYPT_DES = 2;
    public const int LO_CRYPT_FISH2 = 3;
    public const int LO_CRYPT_BLOW = 4;
    public const int LO_CRYPT_CAST128 = 5;
    public const int LO_CRYPT_IDEA = 6;
    public const int LO_CRYPT_DUMMY = 9;
    public const int LO_CRYPT_SKIPJACK = 10;
    public const int LO_CRYPT_CRYPTOAPI = 18;
    public const int MAX_LO_CRYPT = 20;
    public const uint LOOP_SET_FD = 0x4C00;
    public const uint LOOP_CLR_FD = 0x4C01;
    public const uint LOOP_SET_STATUS = 0x4C02;
    public const uint LOOP_GET_STATUS = 0x4C03;
    public const uint LOOP_SET_STATUS64 = 0x4C04;
    public const uint LOOP_GET_STATUS64 = 0x4C05;
    public const uint LOOP_CHANGE_FD = 0x4C06;
    public const uint LOOP_SET_CAPACITY = 0x4C07;
    public const uint LOOP_SET_DIRECT_IO = 0x4C08;
    public const uint LOOP_SET_BLOCK_SIZE = 0x4C09;
    public const uint LOOP_CONFIGURE = 0x4C0A;
    public const uint LOOP_CTL_ADD = 0x4C80;
    public const uint LOOP_CTL_REMOVE = 0x4C81;
    public const uint LOOP_CTL_GET_FREE = 0x4C82;
}

/// <summary>struct loop_info: status of a loop device, old form.</summary>
[Header("linux/loop.h")]
[StructLayout(LayoutKind.Sequential)]
public struct loop_info
{
    public int lo_number;
    public ulong lo_device;
    public ulong lo_inode;
    public ulong lo_rdevice;
    public int lo_offset;
    public int lo_encrypt_type;
    public int lo_encrypt_key_size;
    public int lo_flags;
    public Array64<byte> lo_name;
    public Array32<byte> lo_encrypt_key;
    public Array2<ulong> lo_init;
    public Array4<byte> reserved;
}

/// <summary>struct loop_info64: status of a loop device.</summary>
[Header("linux/loop.h")]
[StructLayout(LayoutKind.Sequential)]
public struct loop_info64
{
    public ulong lo_device;
    public ulong lo_inode;
    public ulong lo_rdevice;

    /// <summary>Bytes into the file.</summary>
    public ulong lo_offset;

    /// <summary>Bytes, 0 is all there is.</summary>
    public ulong lo_sizelimit;

    public uint lo_number;
    public uint lo_encrypt_type;
    public uint lo_encrypt_key_size;

    /// <summary>LO_FLAGS_*.</summary>
    public uint lo_flags;

    public Array64<byte> lo_file_name;
    public Array64<byte> lo_crypt_name;
    public Array32<byte> lo_encrypt_key;
    public Array2<ulong> lo_init;
}

/// <summary>struct loop_config: argument of LOOP_CONFIGURE.</summary>
[Header("linux/loop.h")]
[StructLayout(LayoutKind.Sequential)]
public struct loop_config
{
    public uint fd;

    /// <summary>Bytes, 0 is 512.</summary>
    public uint block_size;

    public loop_info64 info;
    public Array8<ulong> __reserved;
}
