using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>Loop devices, where this machine and user have them.</summary>
public sealed class LoopTests
{
    private const int Size = 1 << 20;
    private static readonly string Name = "hil-" + new string('x', 80);

    [Test]
    public void AFileBecomesABlockDeviceAndIsLetGo()
    {
        using var file = new FileDescriptor(libc.memfd_create("disk", memfd_h.MFD_CLOEXEC));
        Assert.That(libc.ftruncate(file.Number, Size), Is.Zero);
        var (device, path) = Attach(file);
        using (device)
        {
            using var block = BlockDevice.Open(path).OrThrow("open the device again");
            block.GetSize64(out var bytes).OrThrow("ask for its size");
            block.GetLogicalBlockSize(out var logical).OrThrow("ask for its block size");
            device.GetStatus64(out var info).OrThrow("ask for its status");
            Assert.Multiple(() =>
            {
                Assert.That((bytes, logical), Is.EqualTo(((ulong)Size, 512)));
                Assert.That(info.lo_flags & loop_h.LO_FLAGS_AUTOCLEAR, Is.EqualTo(loop_h.LO_FLAGS_AUTOCLEAR));
                Assert.That(LoopDevice.FileName(info), Is.EqualTo(Name[..63]));
                Assert.That(device.Configure(file, 0).Error, Is.EqualTo(Errno.EBUSY), "it has a file");
            });
        }
    }

    [Test]
    public void ADiscardPunchesAHoleIntoTheFile()
    {
        using var file = new FileDescriptor(libc.memfd_create("disk", memfd_h.MFD_CLOEXEC));
        file.Write(Enumerable.Repeat((byte)1, Size).ToArray()).OrThrow("fill the file");
        var (device, path) = Attach(file);
        using (device)
        using (var block = BlockDevice.Open(path).OrThrow("open the device again"))
        {
            block.Discard(65536, 65536).OrThrow("discard");
        }

        Assert.That(libc.lseek(file.Number, 0, unistd_h.SEEK_HOLE), Is.EqualTo(65536));
        Assert.That(libc.lseek(file.Number, 65536, unistd_h.SEEK_DATA), Is.EqualTo(131072));
    }

    private static (LoopDevice Device, string Path) Attach(FileDescriptor file)
    {
        var opened = LoopControl.Open();
        if (!opened.Ok)
            Assert.Ignore($"no loop devices for this user on this machine: {opened}");

        using var control = opened.Value;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var number = (int)control.GetFree().OrThrow("find a free loop device");
            var node = LoopDevice.Open(number);
            if (node.Error is Errno.ENOENT or Errno.EPERM or Errno.EACCES)
                Assert.Ignore($"/dev/loop{number} cannot be opened here: {node}");

            var device = node.OrThrow("open the loop device");
            var configured = device.Configure(file, loop_h.LO_FLAGS_AUTOCLEAR, name: Name);
            if (configured.Ok)
                return (device, device.Path);

            device.Dispose();
            Assert.That(configured.Error, Is.EqualTo(Errno.EBUSY), "only another process may be in the way");
        }

        throw new InvalidOperationException("20 loop devices in a row were taken by others");
    }
}
