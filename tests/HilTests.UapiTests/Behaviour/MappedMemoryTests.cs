using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>Memory that devices look at.</summary>
public sealed class MappedMemoryTests
{
    [Test]
    public void IsZeroPageAlignedAndWholePages()
    {
        using var memory = MappedMemory.Allocate(5000).OrThrow("map memory");

        Assert.Multiple(() =>
        {
            Assert.That(memory.Length, Is.EqualTo(2 * Environment.SystemPageSize));
            Assert.That(memory.Address % (ulong)Environment.SystemPageSize, Is.Zero);
            Assert.That(memory.Bytes(0, memory.Length).ToArray(), Is.All.Zero);
        });
    }

    [TestCase(-1, 1)]
    [TestCase(0, -1)]
    [TestCase(4095, 2)]
    [TestCase(4097, 0)]
    [TestCase(int.MaxValue, int.MaxValue)]
    public void ARangeThatLeavesItIsRefused(int offset, int length)
    {
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");

        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Bytes(offset, length));
    }

    [Test]
    public void TheLastBytesAreReachable()
    {
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");

        memory.Bytes(4095, 1)[0] = 7;
        memory.StoreRelease16(4094, 0x0708);
        Assert.That(memory.Ref<ushort>(4094), Is.EqualTo(0x0708));
        Assert.That(memory.Bytes(4096, 0).Length, Is.Zero);
    }

    [Test]
    public void AStructureIsWrittenInPlace()
    {
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");

        memory.Ref<vring_desc>(16) = new vring_desc { addr = 0x1122334455667788, len = 5, flags = 1, next = 2 };

        Assert.That(
            Convert.ToHexString(memory.Bytes(16, 16)),
            Is.EqualTo("8877665544332211" + "05000000" + "0100" + "0200"));
    }

    [Test]
    public void AnIndexThatIsNotAlignedIsRefused()
    {
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");

        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => memory.LoadAcquire16(1));
            Assert.Throws<ArgumentOutOfRangeException>(() => memory.AtomicAdd32(2, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => memory.AtomicAdd64(4, 1));
        });
    }

    [Test]
    public void NoAddOfManyThreadsIsLost()
    {
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                memory.AtomicAdd32(8, 1);
                memory.AtomicAdd64(16, 3);
            }
        });

        Assert.That((memory.LoadAcquire32(8), memory.Ref<ulong>(16)), Is.EqualTo((80_000u, 240_000ul)));
    }

    [Test]
    [CancelAfter(30_000)]
    public void WhatWasWrittenBeforeAReleasedIndexIsSeenAfterItIsAcquired(CancellationToken token)
    {
        const int Rounds = 20_000;
        using var memory = MappedMemory.Allocate(4096).OrThrow("map memory");
        var writer = Task.Run(
            () =>
            {
                for (ushort i = 1; i <= Rounds && !token.IsCancellationRequested; i++)
                {
                    memory.Ref<uint>(128) = i * 3u;
                    memory.StoreRelease16(0, i);
                    SpinWait.SpinUntil(() => memory.LoadAcquire16(64) == i || token.IsCancellationRequested);
                }
            },
            token);

        var wrong = 0;
        for (ushort i = 1; i <= Rounds && !token.IsCancellationRequested; i++)
        {
            SpinWait.SpinUntil(() => memory.LoadAcquire16(0) == i || token.IsCancellationRequested);
            wrong += memory.Ref<uint>(128) == i * 3u ? 0 : 1;
            memory.StoreRelease16(64, i);
        }

        writer.Wait(token);
        Assert.That((wrong, memory.LoadAcquire16(0)), Is.EqualTo((0, (ushort)Rounds)));
    }

    [Test]
    public void AFileMappedTwiceIsTheSameMemory()
    {
        using var file = new FileDescriptor(libc.memfd_create("shared", memfd_h.MFD_CLOEXEC));
        Assert.That(libc.ftruncate(file.Number, 8192), Is.Zero);
        using var one = MappedMemory.OfFile(file, 8192).OrThrow("map the file");
        using var second = MappedMemory.OfFile(file, 4096, offset: 4096).OrThrow("map its second page");

        one.Bytes(4100, 1)[0] = 99;

        Assert.That(second.Bytes(4, 1)[0], Is.EqualTo(99));
    }

    [Test]
    public void AnOffsetInsideAPageIsEinval()
    {
        using var file = new FileDescriptor(libc.memfd_create("shared", memfd_h.MFD_CLOEXEC));

        Assert.That(MappedMemory.OfFile(file, 4096, offset: 1).Error, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public void AfterDisposeEveryAccessIsRefused()
    {
        var memory = MappedMemory.Allocate(4096).OrThrow("map memory");
        memory.Dispose();
        memory.Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.LoadAcquire16(0));
        Assert.Throws<ObjectDisposedException>(() => _ = memory.Address);
    }
}
