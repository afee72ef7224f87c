using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>FIEMAP and FITRIM on a file of the test folder.</summary>
public sealed class FileRangeTests
{
    private const Errno Unsupported = Errno.EOPNOTSUPP;

    [Test]
    public void FiemapCoversAFileAndMarksTheLastExtent()
    {
        using var file = new ScratchFile(new byte[3 * 4096]);
        var result = FileRange.Map(file.File, 0, ulong.MaxValue, fiemap_h.FIEMAP_FLAG_SYNC, 16, out var extents);
        if (result.Error == Unsupported)
            Assert.Ignore($"the file system under {AppContext.BaseDirectory} has no FIEMAP");

        Assert.That(result.Ok, Is.True, result.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(extents.Sum(e => (long)e.fe_length), Is.GreaterThanOrEqualTo(3 * 4096));
            Assert.That(extents[0].fe_logical, Is.Zero);
            Assert.That(extents[^1].fe_flags & fiemap_h.FIEMAP_EXTENT_LAST, Is.EqualTo(fiemap_h.FIEMAP_EXTENT_LAST));
            Assert.That(
                extents[..^1].Select(e => e.fe_flags & fiemap_h.FIEMAP_EXTENT_LAST), Is.All.Zero, "only the last one is the last");
        });
    }

    [Test]
    public void FiemapSaysWhichFlagsItDoesNotKnow()
    {
        using var file = new ScratchFile(new byte[4096]);
        var result = FileRange.Map(file.File, 0, ulong.MaxValue, 0x4000_0000, 1, out var extents);
        if (result.Error == Unsupported)
            Assert.Ignore($"the file system under {AppContext.BaseDirectory} has no FIEMAP");

        Assert.That((result.Error, extents.Length), Is.EqualTo((Errno.EBADR, 0)));
    }

    [Test]
    public void FitrimOnAPipeIsRefused()
    {
        using var e = EventFd.Create().OrThrow("make an eventfd");

        var result = FileRange.Trim(e.Descriptor, 0, ulong.MaxValue, 0, out var discarded);

        Assert.That((result.Error, discarded), Is.EqualTo((Errno.ENOTTY, 0ul)));
    }

    [Test]
    public void ABlockRequestOnAFileIsEnotty()
    {
        using var file = new ScratchFile(new byte[4096]);

        Assert.That(file.File.IoctlGet(fs_h.BLKGETSIZE64, out ulong _).Error, Is.EqualTo(Errno.ENOTTY));
    }

    [Test]
    public void APunchedHoleReadsAsZero()
    {
        using var file = new FileDescriptor(libc.memfd_create("punch", memfd_h.MFD_CLOEXEC));
        file.Write(Enumerable.Repeat((byte)1, 8192).ToArray()).OrThrow("fill it");

        var punched = libc.fallocate(
            file.Number, falloc_h.FALLOC_FL_PUNCH_HOLE | falloc_h.FALLOC_FL_KEEP_SIZE, 4096, 4096);

        using var memory = MappedMemory.OfFile(file, 8192).OrThrow("map it");
        Assert.Multiple(() =>
        {
            Assert.That(punched, Is.Zero);
            Assert.That(memory.Bytes(0, 4096).ToArray(), Is.All.EqualTo(1));
            Assert.That(memory.Bytes(4096, 4096).ToArray(), Is.All.Zero);
        });
    }
}
