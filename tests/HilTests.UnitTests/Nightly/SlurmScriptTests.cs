using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HilTests.Lab;

namespace HilTests.UnitTests.Nightly;

/// <summary>provisioning/slurm/cluster where its daemons do not do what they should; the daemons are shell scripts.</summary>
public sealed class SlurmScriptTests
{
    private string _folder = "";

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("hil-script-").FullName;
        foreach (var name in (string[])["slurmctld", "slurmd", "sbatch", "scancel"]) Fake(name, "exec sleep 600");
        Fake("sinfo", "exit 1");
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    private string Cluster => Path.Combine(_folder, "cluster");

    private void Fake(string name, string script)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\necho $$ >>'{_folder}/pids'\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private (int Code, string Errors) Start(string? port = null)
    {
        var info = new ProcessStartInfo("/bin/sh", [SourceTree.Find().At("provisioning", "slurm", "cluster"), "start", Cluster, "2"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        info.Environment["PATH"] = $"{_folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["CLUSTER_WAIT"] = "1";
        if (port is not null) info.Environment["CLUSTER_PORT"] = port;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }

    /// <summary>Of the daemons that were started none is alive; the state is behind the name in parentheses.</summary>
    private IEnumerable<string> Alive() => File.ReadAllLines(Path.Combine(_folder, "pids")).Where(pid => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].TrimStart().StartsWith('Z'));

    [TestCase("echo no key here >&2; exit 1", "munged has ended", "no key here")]
    [TestCase("exec sleep 600", "munged is not ready after 1 s", "munged.out")]
    [CancelAfter(60_000)]
    public void A_munge_that_never_comes_is_told_and_nothing_is_left(string munged, string what, string more)
    {
        Fake("munged", munged);
        var (code, errors) = Start();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(4));
            Assert.That(errors, Does.Contain(what).And.Contain(more));
            Assert.That(Alive(), Is.Empty);
        }
    }

    [Test, CancelAfter(60_000)]
    public void A_daemon_that_ends_is_told_and_nothing_is_left()
    {
        // Another process makes the socket that munge would make.
        Fake("munged", $"python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' '{Cluster}/munge.socket'; exec sleep 600");
        Fake("slurmd", "echo bind: Address already in use >&2; exit 1");
        var (code, errors) = Start();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(4));
            Assert.That(errors, Does.Contain("slurmd of n").And.Contain("Address already in use"));
            Assert.That(Alive(), Is.Empty);
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    [CancelAfter(60_000)]
    public void Ports_that_are_taken_are_gone_around(string address)
    {
        Fake("munged", "exit 1");
        using var taken = new TcpListener(IPAddress.Parse(address), 0);
        try
        {
            taken.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            Assert.Ignore($"this host has no {address}");
        }
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (_, errors) = Start((port - 1).ToString(CultureInfo.InvariantCulture));
        var chosen = File.ReadAllLines(Path.Combine(Cluster, "slurm.conf")).Single(l => l.StartsWith("SlurmctldPort=", StringComparison.Ordinal)).Split('=')[1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(errors, Does.Contain($"port {port} is taken"));
            Assert.That(int.Parse(chosen, CultureInfo.InvariantCulture), Is.GreaterThan(port));
        }
    }
}
