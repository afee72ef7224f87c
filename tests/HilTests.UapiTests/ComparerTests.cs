using System.Runtime.InteropServices;
using HilTests.UapiTests.Headers;

#pragma warning disable CS0649 // The structures are measured, never filled.

namespace HilTests.UapiTests;

/// <summary>The comparison itself: a wrong binding must be reported, member by member.</summary>
public sealed class ComparerTests
{
    private static readonly string[] Header = ["linux/vhost_types.h"];

    [Test]
    public void TheRightStructHasNoDifference() =>
        Assert.That(Compare(typeof(Right.vhost_vring_file)), Is.Empty);

    [Test]
    public void ASwappedPairIsReportedWithBothOffsets() =>
        Assert.That(Compare(typeof(Swapped.vhost_vring_file)), Is.EqualTo(new[]
        {
            "struct vhost_vring_file.fd: at byte 0, in C at 4",
            "struct vhost_vring_file.index: at byte 4, in C at 0",
        }));

    [Test]
    public void ATooWideMemberIsReportedWithTheSize() =>
        Assert.That(Compare(typeof(Wide.vhost_vring_file)), Is.EqualTo(new[]
        {
            "struct vhost_vring_file: 16 bytes, in C 8",
            "struct vhost_vring_file.fd: at byte 8, in C at 4",
            "struct vhost_vring_file.fd: 8 bytes, in C 4",
        }));

    [Test]
    public void AWrongSignIsReported() =>
        Assert.That(Compare(typeof(Unsigned.vhost_vring_file)), Is.EqualTo(new[]
        {
            "struct vhost_vring_file.fd: unsigned, in C the other way",
        }));

    [Test]
    public void AMisspeltMemberIsReported() =>
        Assert.That(Compare(typeof(Misspelt.vhost_vring_file)), Is.EqualTo(new[]
        {
            "struct vhost_vring_file.descriptor: C does not know it",
        }));

    [Test]
    public void AForgottenMemberIsReported() =>
        Assert.That(Compare(typeof(Forgotten.vhost_vring_file)), Is.EqualTo(new[]
        {
            "struct vhost_vring_file: bytes 4 to 7 at the end are nobody's",
        }));

    [Test]
    public void AnUnknownStructIsReported() =>
        Assert.That(Compare(typeof(Right.vhost_no_such_thing)), Is.EqualTo(new[]
        {
            "struct vhost_no_such_thing: C does not know it",
        }));

    [Test]
    public void WrongAndUnknownConstantsAreReportedAndRightOnesAreNot()
    {
        BoundConstant[] constants =
        [
            new("VHOST_SET_OWNER", 0xAF01, null),
            new("VHOST_GET_VRING_ENDIAN", 0x8008_AF14, null),
            new("VHOST_FILE_UNBIND", -1, null),
            new("VHOST_NO_SUCH_REQUEST", 1, null),
        ];
        var c = new Questions(["linux/vhost.h"]);
        Comparer.Ask(c, constants);

        var differences = Comparer.Differences(c, constants, out var unknown);

        Assert.Multiple(() =>
        {
            Assert.That(differences, Has.Count.EqualTo(1));
            Assert.That(differences, Has.All.StartsWith("VHOST_GET_VRING_ENDIAN:").And.All.EndsWith("(4008af14)"));
            Assert.That(unknown.Select(u => u.Name), Is.EqualTo(new[] { "VHOST_NO_SUCH_REQUEST" }));
        });
    }

    private static IReadOnlyList<string> Compare(Type type)
    {
        var bound = BoundStruct.Of(type);
        var c = new Questions(Header);
        Comparer.Ask(c, bound);
        return Comparer.Differences(c, bound);
    }

    private static class Right
    {
        internal struct vhost_vring_file
        {
            public uint index;
            public int fd;
        }

        internal struct vhost_no_such_thing
        {
            public uint index;
        }
    }

    private static class Swapped
    {
        internal struct vhost_vring_file
        {
            public int fd;
            public uint index;
        }
    }

    private static class Wide
    {
        internal struct vhost_vring_file
        {
            public uint index;
            public long fd;
        }
    }

    private static class Unsigned
    {
        internal struct vhost_vring_file
        {
            public uint index;
            public uint fd;
        }
    }

    private static class Misspelt
    {
        internal struct vhost_vring_file
        {
            public uint index;
            public int descriptor;
        }
    }

    private static class Forgotten
    {
        [StructLayout(LayoutKind.Sequential, Size = 8)]
        internal struct vhost_vring_file
        {
            public uint index;
        }
    }
}
