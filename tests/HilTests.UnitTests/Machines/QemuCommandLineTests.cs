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
        var command = Boot(new MachineOptions { Cpus = 3, MemoryMiB = 700 });
        var arguments = command.Arguments;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File(command, After(arguments, "-kernel")), Is.EqualTo(new PassedFile("/k/vmlinux", Reopened: true)));
            Assert.That(File(command, After(arguments, "-initrd")), Is.EqualTo(new PassedFile("/i/initramfs.cpio", Reopened: true)));
            Assert.That(After(arguments, "-smp"), Is.EqualTo("3"));
            Assert.That(After(arguments, "-m"), Is.EqualTo("700M"));
            Assert.That(After(arguments, "-machine"), Is.EqualTo("q35,accel=tcg"));
            Assert.That(arguments, Does.Contain("socket,id=agent,path=/w/agent.sock").And.Contain("socket,id=qmp,path=/w/qmp.sock"));
        }
    }

    [Test]
    public void There_is_no_network_and_a_sandbox()
    {
        foreach (var command in (QemuCommand[])[Boot(new MachineOptions()), Clone(new MachineOptions())])
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(command.Arguments, Does.Contain("-nodefaults"));
                Assert.That(command.Arguments.Where(a => a.Contains("net")), Is.Empty);
                Assert.That(After(command.Arguments, "-sandbox"), Is.EqualTo("on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
            }
        }
    }

    [Test]
    public void A_panic_stays_and_does_not_reboot()
    {
        var arguments = Boot(new MachineOptions()).Arguments;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(After(arguments, "-action"), Does.Contain("panic=pause").And.Contain("reboot=shutdown"));
            Assert.That(After(arguments, "-append"), Does.Contain("oops=panic").And.Not.Contain("panic=-1"));
        }
    }

    [Test]
    public void A_disk_is_opened_for_QEMU_and_plugged_into_a_port_of_its_own()
    {
        var command = Boot(new MachineOptions { Disks = [new DiskOptions("/d/a,b.img", ReadOnly: true), new DiskOptions("/d/c", "qcow2")] });
        var arguments = command.Arguments;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Files.Skip(2), Is.EqualTo(new[] { new PassedFile("/d/a,b.img"), new PassedFile("/d/c", Writable: true) }));
            Assert.That(After(arguments, "-blockdev"), Does.StartWith("node-name=disk0,driver=raw,read-only=on,").And.Contain("file.filename=/dev/fdset/5,file.read-only=on"));
            Assert.That(arguments, Does.Contain("virtio-blk-pci,drive=disk1,bus=slot1,serial=hil-disk-1"));
            Assert.That(arguments.Where(a => a.StartsWith("pcie-root-port")).Distinct().Count(), Is.EqualTo(QemuCommandLine.MostDisks));
        }
    }

    [Test]
    public void More_disks_than_ports_are_refused() =>
        Assert.That(
            () => Boot(new MachineOptions { Disks = [.. Enumerable.Repeat(new DiskOptions("/d"), 5)] }),
            Throws.TypeOf<Lab.InfrastructureException>().With.Message.Contains("5 disks"));

    [Test]
    public void A_shell_s_one_digit_descriptors_are_enough()
    {
        var options = new MachineOptions { Disks = [.. Enumerable.Repeat(new DiskOptions("/d"), QemuCommandLine.MostDisks)] };
        Assert.That(((QemuCommand[])[Boot(options), Template(options), Clone(options)]).Select(c => c.Files.Count), Is.All.LessThanOrEqualTo(QemuCommand.MostFiles));
    }

    [Test]
    public void Parameters_of_image_and_user_come_last_so_that_they_win()
    {
        string line = After(Boot(new MachineOptions { KernelParameters = ["quiet=0"], ConsoleShell = true }).Arguments, "-append");
        Assert.That(line, Does.EndWith("oops=panic hil.shell quiet=0"));
    }

    [Test]
    public void A_copy_has_the_hardware_of_its_template_and_neither_kernel_nor_shared_memory()
    {
        var options = new MachineOptions { Cpus = 3 };
        var (template, clone) = (Template(options), Clone(options));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Devices(clone), Is.EqualTo(Devices(template)).And.Not.Empty);
            Assert.That(After(template.Arguments, "-object"), Does.EndWith("share=on"));
            Assert.That(After(clone.Arguments, "-object"), Does.EndWith("share=off"));
            Assert.That(After(clone.Arguments, "-incoming"), Is.EqualTo("defer"));
            Assert.That(clone.Arguments, Does.Not.Contain("-kernel").And.Not.Contain("-initrd"));
            Assert.That(clone.Files[QemuCommandLine.StateDescriptor - QemuCommand.FirstDescriptor].Path, Is.EqualTo("/t/state"));
        }
    }

    [Test]
    public void The_disks_of_a_copy_are_open_but_not_plugged_in()
    {
        var options = new MachineOptions { Disks = [new DiskOptions("/d/a")] };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Template(options).Arguments, Does.Not.Contain("-blockdev"));
            Assert.That(Clone(options).Arguments, Does.Contain("-blockdev"));
            Assert.That(Clone(options).Arguments.Where(a => a.StartsWith("virtio-blk")), Is.Empty);
            Assert.That(Devices(Clone(options)), Is.EqualTo(Devices(Template(options))));
        }
    }

    private static QemuCommand Boot(MachineOptions options) =>
        QemuCommandLine.Boot(options, Kernel, "/i/initramfs.cpio", ["oops=panic"], "tcg", "/w");

    private static QemuCommand Template(MachineOptions options) =>
        QemuCommandLine.Template(options, Kernel, "/i/initramfs.cpio", ["oops=panic"], "tcg", "/w", "/t/memory");

    private static QemuCommand Clone(MachineOptions options) => QemuCommandLine.Clone(options, "tcg", "/w", "/t/memory", "/t/state");

    private static IEnumerable<string> Devices(QemuCommand command) =>
        command.Arguments.Zip(command.Arguments.Skip(1)).Where(pair => pair.First is "-device" or "-smp" or "-m" or "-cpu" or "-chardev").Select(pair => pair.Second);

    private static PassedFile File(QemuCommand command, string path) =>
        command.Files[int.Parse(path["/proc/self/fd/".Length..]) - QemuCommand.FirstDescriptor];

    private static string After(IReadOnlyList<string> arguments, string option) => arguments[arguments.ToList().IndexOf(option) + 1];
}
