using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Machines;

[TestFixture]
public sealed class QemuCommandLineTests
{
    private static readonly KernelPackage Kernel = new("bookworm", "6.1.0", "6.1-1", "/k/bzImage", "/k/vmlinux", "/k/modules", "/k/config");

    [Test]
    public void The_decompressed_kernel_boots_with_the_image_and_both_sockets()
    {
        var arguments = Build(new MachineOptions { Cpus = 3, MemoryMiB = 700 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(After(arguments, "-kernel"), Is.EqualTo("/k/vmlinux"));
            Assert.That(After(arguments, "-initrd"), Is.EqualTo("/i/initramfs.cpio"));
            Assert.That(After(arguments, "-smp"), Is.EqualTo("3"));
            Assert.That(After(arguments, "-m"), Is.EqualTo("700M"));
            Assert.That(After(arguments, "-machine"), Is.EqualTo("q35,accel=tcg"));
            Assert.That(arguments, Does.Contain("socket,id=agent,path=/w/agent.sock").And.Contain("socket,id=qmp,path=/w/qmp.sock"));
        }
    }

    [Test]
    public void There_is_no_network_and_a_sandbox()
    {
        var arguments = Build(new MachineOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(arguments, Does.Contain("-nodefaults"));
            Assert.That(arguments.Where(a => a.Contains("net")), Is.Empty);
            Assert.That(After(arguments, "-sandbox"), Does.StartWith("on,").And.Contain("spawn=deny"));
        }
    }

    [Test]
    public void A_panic_stays_and_does_not_reboot()
    {
        var arguments = Build(new MachineOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(After(arguments, "-action"), Does.Contain("panic=pause").And.Contain("reboot=shutdown"));
            Assert.That(After(arguments, "-append"), Does.Contain("oops=panic").And.Not.Contain("panic=-1"));
        }
    }

    [Test]
    public void A_comma_in_a_disks_path_is_doubled_as_QEMU_wants_it()
    {
        var arguments = Build(new MachineOptions { Disks = [new DiskOptions("/d/a,b.img", ReadOnly: true)] });
        Assert.That(After(arguments, "-drive"), Does.Contain("file=/d/a,,b.img,").And.Contain("readonly=on"));
    }

    [Test]
    public void Parameters_of_image_and_user_come_last_so_that_they_win()
    {
        string line = After(Build(new MachineOptions { KernelParameters = ["quiet=0"], ConsoleShell = true }), "-append");
        Assert.That(line, Does.EndWith("oops=panic hil.shell quiet=0"));
    }

    private static IReadOnlyList<string> Build(MachineOptions options) =>
        QemuCommandLine.Build(options, Kernel, "/i/initramfs.cpio", ["oops=panic"], "tcg", "/w");

    private static string After(IReadOnlyList<string> arguments, string option) => arguments[arguments.ToList().IndexOf(option) + 1];
}
