using HilTests.Core.Values;

namespace HilTests.UnitTests.Values;

public sealed class ValueTextTests
{
    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyValue)], MaxTest = 2000)]
    public bool What_is_printed_reads_back_equal(Value value) => ValueText.Parse(value.ToString()).Equals(value);

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyValue)], MaxTest = 500)]
    public bool What_is_printed_stays_on_one_line_and_prints_the_same_again(Value value)
    {
        var text = value.ToString();
        return text.IndexOfAny(['\n', '\r', '\u0085', '\u2028', '\u2029']) < 0 && ValueText.Parse(text).ToString() == text;
    }

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyValue)], MaxTest = 500)]
    public bool Equal_values_have_equal_hash_codes(Value value) =>
        ValueText.Parse(value.ToString()).GetHashCode() == value.GetHashCode();

    [TestCase("0x10", "16")]
    [TestCase("[1   2 ]", "[1 2]")]
    [TestCase("{a=1 b=[x]}", "{a=1 b=[x]}")]
    [TestCase("0xffffffffffffffff", "-1")]
    [TestCase("\"\\u0041\"", "\"A\"")]
    [TestCase("h'0A'", "h'0a'")]
    public void Different_spellings_are_the_same_value(string one, string other) =>
        Assert.That(ValueText.Parse(one), Is.EqualTo(ValueText.Parse(other)));

    [TestCase("1", "\"1\"")]
    [TestCase("a", "\"a\"")]
    [TestCase("h''", "\"\"")]
    [TestCase("[]", "{}")]
    [TestCase("[1 2]", "[2 1]")]
    [TestCase("{a=1 b=2}", "{b=2 a=1}")]
    public void Different_values_are_not_equal(string one, string other) =>
        Assert.That(ValueText.Parse(one), Is.Not.EqualTo(ValueText.Parse(other)));

    [TestCase("", 1, "a value")]
    [TestCase("12x", 1, "'12x' is not a 64-bit number")]
    [TestCase("9223372036854775808", 1, "not a 64-bit number")]
    [TestCase("0x1ffffffffffffffff", 1, "not a 64-bit number")]
    [TestCase("\"abc", 1, "closing")]
    [TestCase("\"a\\q\"", 4, "after '\\'")]
    [TestCase("\"a\\u00g0\"", 4, "after '\\'")]
    [TestCase("h'0", 1, "closing")]
    [TestCase("h'0g'", 3, "hexadecimal")]
    [TestCase("h'012'", 3, "even number")]
    [TestCase("[1 2", 5, "']'")]
    [TestCase("[1 2)", 5, "a value")]
    [TestCase("{a=1", 5, "'}'")]
    [TestCase("{a 1}", 3, "'='")]
    [TestCase("{a=1 a=2}", 6, "twice")]
    [TestCase("1 2", 3, "the end of the line")]
    [TestCase("@", 1, "a value")]
    public void A_bad_value_is_refused_with_its_column(string text, int column, string complaint)
    {
        var error = Assert.Throws<TextFormatException>(() => ValueText.Parse(text));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Column, Is.EqualTo(column));
            Assert.That(error.Complaint, Does.Contain(complaint));
        }
    }

    [TestCase("[")]
    [TestCase("{a=")]
    public void Huge_nesting_is_refused(string open)
    {
        var error = Assert.Throws<TextFormatException>(() => ValueText.Parse(string.Concat(Enumerable.Repeat(open, 200_000))));
        Assert.That(error.Complaint, Does.Contain("nested more than 32 deep"));
    }

    [Test]
    public void Nesting_that_is_just_deep_enough_is_read()
    {
        var text = new string('[', 32) + new string(']', 32);
        Assert.That(ValueText.Parse(text).ToString(), Is.EqualTo(text));
    }
}
