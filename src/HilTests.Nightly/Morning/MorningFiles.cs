using HilTests.Reporting;

namespace HilTests.Nightly.Morning;

/// <summary>The files that the morning finds in a night's folder.</summary>
public static class MorningFiles
{
    /// <summary>Writes <c>index.html</c>, <c>mail.txt</c>, <c>junit.xml</c> and <c>kcidb.json</c>, each whole or not at all.</summary>
    /// <exception cref="IOException">Disk full and the like.</exception>
    public static void Write(MorningReport report, string folder)
    {
        var page = Path.Combine(folder, "index.html");
        ResultFolder.WriteFile(page, writer => MorningPage.Write(report, writer));
        ResultFolder.WriteFile(Path.Combine(folder, "mail.txt"), writer => MorningMail.Write(report, page, writer));
        ResultFolder.WriteFile(Path.Combine(folder, "junit.xml"), writer => MorningJUnit.Write(report, writer));
        using var json = new MemoryStream();
        KcidbReport.Write(report, json);
        ResultFolder.WriteFile(Path.Combine(folder, "kcidb.json"), writer => writer.Write(System.Text.Encoding.UTF8.GetString(json.ToArray()) + "\n"));
    }
}
