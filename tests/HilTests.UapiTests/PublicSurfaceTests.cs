using System.Reflection;
using System.Runtime.InteropServices;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.UapiTests.Headers;

namespace HilTests.UapiTests;

/// <summary>Nothing public gets past the comparison with C.</summary>
public sealed class PublicSurfaceTests
{
    [Test]
    public void EveryPublicTypeIsComparedOrSaysWhyNot()
    {
        var compared = Bindings.Structs.Concat(Bindings.ConstantHolders).Append(typeof(libc)).ToHashSet();

        Assert.That(
            Bindings.Types.Where(t => !compared.Contains(t) && t.GetCustomAttribute<NotInCAttribute>() is null),
            Is.Empty);
    }

    [Test]
    public void EveryComparedTypeNamesItsHeader() =>
        Assert.That(
            Bindings.Structs.Concat(Bindings.ConstantHolders).Where(t => Bindings.HeadersOf(t) is not { Count: > 0 }),
            Is.Empty);

    [Test]
    public void TheScanFindsTheTypesThatMustBeThere()
    {
        var names = Bindings.Types.Select(t => t.Name).ToArray();

        Assert.That(names, Is.SupersetOf(new[]
        {
            "vhost_h", "vhost_types_h", "virtio_ring_h", "virtio_net_h", "virtio_config_h", "if_tun_h", "if_packet_h",
            "loop_h", "fs_h", "fiemap_h", "f2fs_h", "sys_eventfd_h", "mount_h", "sys_mount_h",
            "vhost_memory", "vring_desc", "virtio_net_hdr_v1", "sockaddr_ll", "loop_config", "fstrim_range", "fiemap", "Errno",
        }));
    }

    [Test]
    public void StructsOutsideTheHeadersAreNotKernelStructs() =>
        Assert.That(
            typeof(HeaderAttribute).Assembly.GetExportedTypes()
                .Where(t => t is { IsValueType: true, IsEnum: false } && !Bindings.Types.Contains(t))
                .Where(t => t.GetCustomAttribute<System.Runtime.CompilerServices.InlineArrayAttribute>() is null)
                .Select(t => t.Name),
            Is.EquivalentTo(new[] { nameof(SyscallResult), "SyscallResult`1" }),
            "a structure for the kernel belongs into HilTests.Uapi.Linux or .Libc, where it is compared");

    [Test]
    public void EveryBoundFunctionLinksStatically()
    {
        var functions = typeof(libc).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(m => (m.Name, Import: m.GetCustomAttribute<LibraryImportAttribute>()))
            .Where(m => m.Import is not null)
            .Select(m => m.Import!.EntryPoint ?? m.Name)
            .Distinct()
            .ToArray();
        Assert.That(functions, Has.Length.GreaterThan(80));

        var source = string.Concat(functions.Select(f => $"extern char {f}[];\n")) +
            "int puts(const char *);\nstatic char *volatile all[] = {\n" +
            string.Join(",\n", functions) + "};\nint main(void) { return all[0] == 0 || puts(\"linked\") < 0; }\n";
        var (output, _, messages) = CCompiler.Run(source, "-static", "-fno-builtin");

        Assert.That(output, Is.EqualTo(new[] { "linked" }), $"not all functions are in the static C library:\n{messages}");
    }
}
