using HilTests.Lab.Modules;

namespace HilTests.UnitTests.Modules;

public sealed class ModuleCompilerTests
{
    [TestCase("CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=140200\n", 14)]
    [TestCase("CONFIG_GCC_VERSION=100201", 10)]
    [TestCase("CONFIG_CC_IS_CLANG=y\nCONFIG_GCC_VERSION=0", 0)]
    [TestCase("", 0)]
    public void The_configuration_names_the_compiler(string config, int major) =>
        Assert.That(ModuleCompiler.VersionOf(config.Split('\n')), Is.EqualTo(major));
}
