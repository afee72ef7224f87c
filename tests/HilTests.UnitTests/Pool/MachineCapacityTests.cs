using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.UnitTests.Pool;

/// <summary>How many VMs a host carries, from the texts that its kernel shows.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachineCapacityTests : IDisposable
{
    private const long GiB = 1 << 30;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("hil-root-");

    public void Dispose() => _root.Delete(recursive: true);

    [TestCase("0-1", 23, 2, 23552, "2 processors")]
    [TestCase("0-3,8,10-11", 4, 7, 4096, "7 processors")]
    [TestCase("5", 1, 1, 1024, "1 processor")]
    public void Without_groups_the_processors_and_MemAvailable_count(string allowed, int gib, double cores, long mib, string words)
    {
        Host(allowed, gib);
        Assert.That(HostResources.Read(_root.FullName), Is.EqualTo(new HostResources(cores, words, mib, "memory that is available")));
    }

    [Test]
    public void The_limits_of_version_2_count_from_the_own_group_to_the_root()
    {
        Host("0-7", 16);
        Put("proc/self/cgroup", "0::/user/job\n");
        Put("sys/fs/cgroup/user/cpu.max", "150000 100000\n");
        Put("sys/fs/cgroup/user/memory.max", "max\n");
        Put("sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
        Put("sys/fs/cgroup/user/job/memory.max", $"{2 * GiB}\n");
        Put("sys/fs/cgroup/user/job/memory.current", $"{GiB}\n");
        Put("sys/fs/cgroup/user/job/memory.stat", $"anon 5\ninactive_file {GiB / 2}\n");
        var read = HostResources.Read(_root.FullName);
        Assert.That((read.Cores, read.MemoryMiB), Is.EqualTo((1.5, 1536)));
        Assert.That(read.CoresBecause, Is.EqualTo($"a quota of 1.5 processors in {At("sys/fs/cgroup/user")}"));
        Assert.That(read.MemoryBecause, Does.Contain("user/job"));
    }

    [Test]
    public void The_limits_of_version_1_count_too()
    {
        Host("0-7", 16);
        Put("proc/self/cgroup", "9:name=systemd:/\n4:memory:/job\n3:cpu,cpuacct:/job\n");
        Put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
        Put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
        Put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Put("sys/fs/cgroup/memory/memory.usage_in_bytes", $"{GiB}\n");
        Put("sys/fs/cgroup/memory/job/memory.limit_in_bytes", $"{4 * GiB}\n");
        Put("sys/fs/cgroup/memory/job/memory.usage_in_bytes", $"{3 * GiB}\n");
        Put("sys/fs/cgroup/memory/job/memory.stat", $"inactive_file 1\ntotal_inactive_file {GiB}\n");
        var read = HostResources.Read(_root.FullName);
        Assert.That((read.Cores, read.MemoryMiB), Is.EqualTo((3.0, 2048)));
    }

    [Test]
    public void A_container_that_sees_only_its_own_root_has_that_limit()
    {
        Host("0-7", 16);
        Put("proc/self/cgroup", "0::/docker/0123abcd\n");
        Put("sys/fs/cgroup/cpu.max", "200000 100000\n");
        Assert.That(HostResources.Read(_root.FullName).Cores, Is.EqualTo(2));
    }

    [TestCase("nonsense"), TestCase("")]
    public void Texts_that_cannot_be_read_set_no_limit(string text)
    {
        Host("0-1", 4);
        Put("proc/self/cgroup", "0::/\nnonsense\n1:\n");
        foreach (var file in (string[])["cpu.max", "memory.max", "memory.current", "memory.stat"]) Put($"sys/fs/cgroup/{file}", text);
        Assert.That(HostResources.Read(_root.FullName), Has.Property("Cores").EqualTo(2).And.Property("MemoryMiB").EqualTo(4096));
    }

    [TestCase(2, 24_000, 2, 1, TestName = "Two processors, much memory")]
    [TestCase(1.5, 24_000, 1, 1, TestName = "Part of a processor carries none of its own")]
    [TestCase(0.1, 24_000, 1, 1, TestName = "One in any case")]
    [TestCase(16, 512 + (704 * 3) + 703, 3, 0, TestName = "Memory for three")]
    [TestCase(2, 512 + (704 * 2), 2, 0, TestName = "No memory for a spare")]
    [TestCase(8, 100, 1, 0, TestName = "Hardly any memory: one in any case")]
    [TestCase(200, 1_000_000, 64, 0, TestName = "Never more than 64")]
    public void As_many_as_cores_and_memory_allow(double cores, long mib, int machines, int spares)
    {
        var capacity = MachineCapacity.Of(new HostResources(cores, "cores", mib, "memory"), memoryMiB: 512);
        Assert.That((capacity.Machines, capacity.Spares), Is.EqualTo((machines, spares)));
        Assert.That(capacity.Why, Does.Contain("cores").And.Contain($"{mib} MiB").And.Contain("704 MiB"));
    }

    [Test]
    public void This_host_carries_at_least_one_and_somebody_may_say_more()
    {
        Assert.That(MachineCapacity.OfThisHost(new MachineOptions()).Machines, Is.InRange(1, Environment.ProcessorCount));
        Assert.That(PoolOptions.ForThisHost(new MachineOptions(), jobs: 7).Capacity, Is.EqualTo(7));
    }

    private void Host(string allowed, int gib)
    {
        Put("proc/self/status", $"Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t{allowed}\nMems_allowed:\t1\n");
        Put("proc/meminfo", $"MemTotal:       99999999 kB\nMemFree:  1 kB\nMemAvailable:   {gib << 20} kB\nBuffers: 0 kB\n");
    }

    private string At(string path) => Path.Combine(_root.FullName, path);

    private void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
