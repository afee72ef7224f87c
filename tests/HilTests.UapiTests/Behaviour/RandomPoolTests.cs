using System.Runtime.CompilerServices;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>The kernel's random pool, where this user may change it.</summary>
public sealed class RandomPoolTests
{
    [Test]
    public void BytesAreTakenAndThePoolReseeds()
    {
        using var pool = RandomPool.Open().OrThrow("open it");
        var added = pool.Add([1, 2, 3, 4, 5, 6, 7, 8]);
        if (added.Error == Errno.EPERM) Assert.Ignore("only root may add to the random pool");
        Assert.Multiple(() =>
        {
            Assert.That(added.Error, Is.EqualTo(default(Errno)));
            Assert.That(pool.Reseed().Error, Is.EqualTo(default(Errno)));
        });
    }

    [Test]
    public void TheHeadBeforeTheBytesIsAsLongAsTheStructure() => Assert.That(Unsafe.SizeOf<rand_pool_info>(), Is.EqualTo(8));
}
