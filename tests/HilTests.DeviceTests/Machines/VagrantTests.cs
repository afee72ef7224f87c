using HilTests.Lab;
using HilTests.Lab.Processes;

namespace HilTests.DeviceTests.Machines;

/// <summary>
/// Vagrant's machine from nothing to nothing, as <c>provisioning/vagrant/try.sh</c> does it: box, <c>vagrant up</c>,
/// provisioning, <c>hil run</c> inside, <c>vagrant destroy</c>, with a libvirt of its own. docs/vagrant.md has the times.
/// </summary>
[Explicit("takes an hour without KVM, and installs Vagrant and libvirt; run with --filter TestCategory=Nightly")]
[Category("Nightly")]
[NonParallelizable]
public sealed class VagrantTests
{
    private DirectoryInfo _folder = null!;

    private string Folder => _folder.FullName;

    private static string Script(string name) => SourceTree.Find().At("provisioning", "vagrant", name);

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-test-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test, CancelAfter(10_800_000)]
    public async Task From_nothing_to_nothing(CancellationToken cancellation)
    {
        if (Mono.Unix.Native.Syscall.geteuid() != 0) Assert.Ignore("a libvirt of its own needs root");
        var (installed, said) = await RunAsync([Script("install.sh")], cancellation);
        Assert.That(installed, Is.Zero, said);

        var (code, text) = await RunAsync([Script("try.sh")], cancellation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero, text);
            Assert.That(text, Does.Match(@"== times\nbox \d+ s\nup \d+ s\nprovision \d+ s\nssh \d+ s\nlocal \d+ s\nnested \d+ s\nhalt \d+ s\nagain \d+ s\ndestroy \d+ s\n"));
            Assert.That(text, Does.EndWith("== nothing was left here\n"));
        }
    }

    /// <summary>A kill in the middle of `up`, when bridge, rules and daemons are there: the namespaces take all with them.</summary>
    [Test, CancelAfter(1_800_000)]
    public async Task A_kill_in_the_middle_leaves_no_process_link_or_rule(CancellationToken cancellation)
    {
        if (Mono.Unix.Native.Syscall.geteuid() != 0) Assert.Ignore("a libvirt of its own needs root");
        var (code, text) = await RunAsync(["sh", "-c", $$"""
            show() { ip -brief link | awk '{ print $1 }'; cat /proc/sys/net/ipv4/ip_forward; iptables-save | grep -v '^#'; pgrep -x 'libvirtd|virtlogd'; pgrep -x 'dnsmasq|slirp4netns'; awk '{ print $2 }' /proc/mounts; ls -d "${TMPDIR:-/var/tmp}"/hil-libvirt-*; }
            show >"$1/before"
            "{{Script("with-libvirt.sh")}}" sh -c 'virsh -q net-define /dev/stdin && virsh -q net-start killed && touch "$0/begun" && sleep 600' "$1" >"$1/said" 2>&1 <<'END' &
            <network><name>killed</name><forward mode='nat'/><bridge name='virbr9'/><ip address='192.168.139.1' netmask='255.255.255.0'><dhcp><range start='192.168.139.2' end='192.168.139.9'/></dhcp></ip></network>
            END
            for try in $(seq 300); do [ -e "$1/begun" ] && break; sleep 0.2; done
            [ -e "$1/begun" ] || { cat "$1/said"; exit 9; }
            kill -9 $!
            for try in $(seq 100); do show >"$1/after"; cmp -s "$1/before" "$1/after" && exit 0; sleep 0.1; done
            diff "$1/before" "$1/after"
            """, "test", Folder], cancellation);
        Assert.That(code, Is.Zero, text);
    }

    /// <summary>Both streams together, shown as they come, since this takes long.</summary>
    private static async Task<(int Code, string Text)> RunAsync(string[] command, CancellationToken cancellation)
    {
        using var process = await SpawnThread.StartAsync(SpawnThread.DyingWithUs("sh", ["-c", "exec \"$@\" 2>&1 </dev/null", "sh", .. command]));
        var said = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                said.Add(line);
                await TestContext.Progress.WriteLineAsync(line);
            }
            await process.WaitForExitAsync(cancellation);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        return (process.ExitCode, string.Concat(said.Select(l => l + "\n")));
    }
}
