using HilTests.Lab.Host;

namespace HilTests.UnitTests.Host;

[TestFixture]
public sealed class HostRequirementsTests
{
    [Test]
    public void What_is_required_and_missing_comes_with_a_command()
    {
        var all = HostRequirements.Check();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.Select(r => r.Name), Is.SupersetOf(new[] { "qemu-system-x86_64", "mkfs.f2fs", ".NET SDK", "/dev/kvm" }));
            Assert.That(all.Where(r => r.Required && !r.Present && r.Remedy.Length == 0), Is.Empty);
            Assert.That(all.Where(r => r.Present && r.Remedy.Length > 0), Is.Empty);
        }
    }
}
