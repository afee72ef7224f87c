using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>Calls on this very kernel that need no rights: what works and which errno what does not.</summary>
public sealed class DescriptorTests
{
    [Test]
    public void OpeningWhatIsNotThereIsEnoentAndNoException()
    {
        var result = FileDescriptor.Open("/no/such/file", fcntl_h.O_RDONLY);

        Assert.Multiple(() =>
        {
            Assert.That(result.Ok, Is.False);
            Assert.That(result.Error, Is.EqualTo(Errno.ENOENT));
            Assert.That(result.ToString(), Is.EqualTo("open = ENOENT"));
        });
    }

    [Test]
    public void OrThrowNamesTheCallThePathTheErrnoAndWhatWasBeingDone()
    {
        var result = FileDescriptor.Open("/no/such/file", fcntl_h.O_RDONLY);

        var e = Assert.Throws<SyscallException>(() => result.OrThrow("read the settings"));

        Assert.Multiple(() =>
        {
            Assert.That(e.Error, Is.EqualTo(Errno.ENOENT));
            Assert.That(e.Call, Is.EqualTo("open"));
            Assert.That(e.Path, Is.EqualTo("/no/such/file"));
            Assert.That(e.Message, Is.EqualTo("cannot read the settings: open of /no/such/file failed with ENOENT (2)"));
        });
    }

    [Test]
    public void AMissingNodeAsksForItsModule()
    {
        var result = VhostNet.Open("/dev/hil-no-such-node");

        Assert.That(
            () => result.OrThrow("open the device"),
            Throws.TypeOf<SyscallException>().With.Message.EqualTo(
                "cannot open the device: open of /dev/hil-no-such-node failed with ENOENT (2; is the module loaded and the node there?)"));
    }

    [Test]
    public void DisposeClosesTheNumberAndReleaseKeepsIt()
    {
        var kept = FileDescriptor.Open("/dev/null", fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).OrThrow("open /dev/null");
        var number = kept.Release();
        kept.Dispose();
        Assert.That(libc.fcntl(number, fcntl_h.F_GETFD, 0), Is.EqualTo(fcntl_h.FD_CLOEXEC), "released, so still open");

        using (var owner = new FileDescriptor(number))
        {
            Assert.That(owner.Number, Is.EqualTo(number));
        }

        var after = new FileDescriptor(number);
        Assert.That(after.Release(), Is.EqualTo(number));
        Assert.That(kept.Number, Is.EqualTo(-1));
    }

    [Test]
    public void ARequestOnTheWrongKindOfFileIsEnotty()
    {
        using var file = new ScratchFile();

        Assert.Multiple(() =>
        {
            Assert.That(file.File.Ioctl(vhost_h.VHOST_SET_OWNER).Error, Is.EqualTo(Errno.ENOTTY));
            Assert.That(file.File.IoctlGet(if_tun_h.TUNGETFEATURES, out uint _).Error, Is.EqualTo(Errno.ENOTTY));
            Assert.That(file.File.Ioctl(vhost_h.VHOST_SET_OWNER).Call, Is.EqualTo("VHOST_SET_OWNER"));
        });
    }

    [Test]
    public void ABadAddressIsEfault() =>
        Assert.That(
            InterfaceSocket.Create().OrThrow("make a socket").Descriptor.Ioctl(sockios_h.SIOCGIFINDEX, 1).Error,
            Is.EqualTo(Errno.EFAULT));

    [Test]
    public unsafe void APipeCarriesBytesAndEndsWhenTheWriterCloses()
    {
        var ends = stackalloc int[2];
        Sys.Check(libc.pipe2(ends, fcntl_h.O_CLOEXEC | fcntl_h.O_NONBLOCK), "pipe2").OrThrow("make a pipe");
        using var reader = new FileDescriptor(ends[0]);
        var writer = new FileDescriptor(ends[1]);
        var buffer = new byte[8];

        Assert.That(reader.Read(buffer).Error, Is.EqualTo(Errno.EAGAIN), "nothing there yet");
        Assert.That(writer.Write([1, 2, 3]).Value, Is.EqualTo(3));
        Assert.That(reader.Poll(poll_h.POLLIN, TimeSpan.FromSeconds(5)).Value, Is.EqualTo(poll_h.POLLIN));
        Assert.That(reader.Read(buffer).Value, Is.EqualTo(3));
        Assert.That(buffer[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
        writer.Dispose();
        Assert.That(reader.Poll(poll_h.POLLIN, TimeSpan.FromSeconds(5)).Value, Is.EqualTo(poll_h.POLLHUP));
        Assert.That(reader.Read(buffer).Value, Is.Zero, "end of file");
    }

    [Test]
    public void AnEventfdAddsUpAndIsTakenWhole()
    {
        using var e = EventFd.Create().OrThrow("make an eventfd");

        Assert.That(e.Take(out _).Error, Is.EqualTo(Errno.EAGAIN));
        Assert.That(e.Wait(TimeSpan.Zero).Value, Is.Zero);
        Assert.That(e.Signal(2).Value, Is.EqualTo(8));
        Assert.That(e.Signal(40).Value, Is.EqualTo(8));
        Assert.That(e.Wait(TimeSpan.FromSeconds(5)).Value, Is.EqualTo(poll_h.POLLIN));
        Assert.That(e.Take(out var count).Ok, Is.True);
        Assert.That(count, Is.EqualTo(42));
        Assert.That(e.Signal(ulong.MaxValue).Error, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public unsafe void StatAndStatfsAgreeWithTheFile()
    {
        using var file = new ScratchFile(new byte[5000]);
        var statuses = new stat[1];
        var systems = new statfs[1];
        fixed (stat* toStatus = statuses)
        fixed (statfs* toSystem = systems)
        {
            Assert.That(libc.fstat(file.File.Number, toStatus), Is.Zero);
            Assert.That(libc.fstatfs(file.File.Number, toSystem), Is.Zero);
        }

        var (status, system) = (statuses[0], systems[0]);
        Assert.Multiple(() =>
        {
            Assert.That(status.st_size, Is.EqualTo(5000));
            Assert.That(status.st_mode & sys_stat_h.S_IFMT, Is.EqualTo(sys_stat_h.S_IFREG));
            Assert.That(status.st_nlink, Is.Zero, "its name is gone");
            Assert.That(system.f_bsize, Is.Positive);
            Assert.That(system.f_blocks, Is.GreaterThanOrEqualTo(system.f_bfree));
        });
    }

    [Test]
    public void AHoleIsFoundBehindTheData()
    {
        const int Page = 65536;
        var fd = libc.memfd_create("hole", memfd_h.MFD_CLOEXEC);
        using var file = new FileDescriptor(fd);
        Assert.That(libc.ftruncate(fd, 4 * Page), Is.Zero);
        Assert.That(file.Write(new byte[Page]).Value, Is.EqualTo(Page));

        Assert.Multiple(() =>
        {
            Assert.That(libc.lseek(fd, 0, unistd_h.SEEK_HOLE), Is.EqualTo(Page));
            Assert.That(Sys.Check(libc.lseek(fd, Page, unistd_h.SEEK_DATA), "lseek").Error, Is.EqualTo(Errno.ENXIO));
        });
    }

    [Test]
    public void ErrnoNamesAreThoseOfTheCLibrary() =>
        Assert.That(
            new[] { (Errno)1, (Errno)25, (Errno)95, (Errno)133 }.Select(e => e.ToString()),
            Is.EqualTo(new[] { "EPERM", "ENOTTY", "EOPNOTSUPP", "EHWPOISON" }));

    [Test]
    public void UnloadingAModuleThatIsNotThereIsTheKernelsAnswer()
    {
        var result = Sys.Check(libc.delete_module("hil_no_such_module", fcntl_h.O_NONBLOCK), "delete_module");
        if (result.Error == Errno.ENOSYS)
            Assert.Ignore("this kernel cannot unload modules");

        Assert.That(result.Error, Is.EqualTo(Errno.ENOENT).Or.EqualTo(Errno.EPERM));
    }

    [Test]
    public void LoadingAModuleFromAFileThatIsNoneIsTheKernelsAnswer()
    {
        using var file = new ScratchFile(new byte[100]);
        var result = Sys.Check(libc.finit_module(file.File.Number, "", 0), "finit_module");
        if (result.Error == Errno.ENOSYS)
            Assert.Ignore("this kernel cannot load modules");

        Assert.That(result.Error, Is.EqualTo(Errno.ENOEXEC).Or.EqualTo(Errno.EPERM));
    }
}
