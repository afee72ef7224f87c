using HilTests.Lab.Images;

namespace HilTests.UnitTests.Images;

[TestFixture]
public sealed class ModuleFileTests
{
    private static readonly byte[] Code = [1, 2, 3, 4, 5, 6, 7];

    [Test]
    public void A_signature_is_cut_off_to_the_byte()
    {
        byte[] signed = [.. Code, .. new byte[300], .. new byte[8], 0, 0, 1, 44, .. "~Module signature appended~\n"u8];
        Assert.That(ModuleFile.WithoutSignature(signed).ToArray(), Is.EqualTo(Code));
    }

    [Test]
    public void A_module_without_a_signature_stays_as_it_is() =>
        Assert.That(ModuleFile.WithoutSignature(Code).ToArray(), Is.EqualTo(Code));

    [Test]
    public void A_signature_longer_than_the_file_is_not_believed()
    {
        byte[] odd = [.. Code, .. new byte[8], 255, 255, 255, 255, .. "~Module signature appended~\n"u8];
        Assert.That(ModuleFile.WithoutSignature(odd).ToArray(), Is.EqualTo(odd));
    }
}
