using HilTests.Core.Kernel;
using HilTests.Core.Values;
using HilTests.Models;

namespace HilTests.UnitTests.Kernel;

public sealed class KnownBugTests
{
    [TestCase("6.1.0-56-amd64", true)]
    [TestCase("6.12.38+deb13-amd64", true)]
    [TestCase("6.13.9", true)]
    [TestCase("6.14.0-rc1", false)]
    [TestCase("6.14", false)]
    [TestCase("7.2.1-amd64", false)]
    [TestCase("unknown", false)]
    public void A_bug_is_known_before_the_version_that_fixed_it(string release, bool known)
    {
        var bugs = KnownBugs.Of(KernelProfile.Of(("release", Value.Text(release))));
        Assert.That(bugs.ContainsKey("vhost.rx.num-buffers-one"), Is.EqualTo(known));
    }

    [TestCase("5.10.0-46-amd64", "5.10.262", true)]
    [TestCase("6.1.0-56-amd64", "6.1.192", false)]
    [TestCase("6.1.0-56-amd64", null, true)]
    [TestCase("6.12.95+deb12-amd64", "6.12.95", true)]
    [TestCase("6.12.117+deb13-amd64", "6.12.117", false)]
    [TestCase("6.17.3", null, true)]
    [TestCase("7.2.13+deb14-amd64", "7.2.13", false)]
    public void A_stable_version_that_has_the_fix_has_no_such_bug(string release, string? version, bool known)
    {
        var profile = version is null
            ? KernelProfile.Of(("release", Value.Text(release)))
            : KernelProfile.Of(("release", Value.Text(release)), ("version", Value.Text(version)));
        Assert.That(KnownBugs.Of(profile).ContainsKey("vhost.rx.rest"), Is.EqualTo(known));
    }

    [TestCase("5.10.0-46-amd64", true)]
    [TestCase("5.15.100", false)]
    [TestCase("6.1.0-56-amd64", false)]
    [TestCase("6.2", false)]
    public void A_series_that_may_have_got_the_fix_is_not_labelled(string release, bool known)
    {
        var bugs = KnownBugs.Of(KernelProfile.Of(("release", Value.Text(release))));
        Assert.That(bugs.ContainsKey("f2fs.iostat.discard"), Is.EqualTo(known));
    }

    [Test]
    public void Each_known_bug_breaks_a_rule_that_a_model_has() =>
        Assert.That(KnownBugs.All.Select(b => b.Rule), Is.SubsetOf(ModelRegistry.Devices.SelectMany(d => ModelRegistry.Get(d).Model.Rules).Select(r => r.Id)));
}
