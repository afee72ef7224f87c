using System.Diagnostics;
using HilTests.Nightly.Morning;
using HilTests.Reporting;

namespace HilTests.UnitTests.Nightly;

/// <summary>Lays the morning page out in headless Chromium, where that is installed, and measures it.</summary>
[Category("Browser")]
public sealed class MorningBrowserTests
{
    /// <summary>A page that shows another one in a frame as wide as a screen, opens all that is folded, and writes down how much of it is beside the screen.</summary>
    private const string Measuring = """
        <!DOCTYPE html><title>measuring</title><iframe id="f" src="index.html" width="WIDE" height="800" style="border:0"></iframe><p id="out">nothing</p>
        <script>onload=()=>{const d=document.getElementById('f').contentDocument;
        const small=[...d.querySelectorAll('summary,a,code')].filter(e=>parseFloat(getComputedStyle(e).fontSize)<12).length;
        d.querySelectorAll('details').forEach(e=>e.open=true);
        document.getElementById('out').textContent='beside '+(d.documentElement.scrollWidth-d.documentElement.clientWidth)+' parts '+d.querySelectorAll('h2').length+' small '+small+' errors '+(d.querySelector('parsererror')?1:0)}</script>
        """;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-morning-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase(360)]
    [TestCase(1280)]
    [CancelAfter(120_000)]
    public async Task The_page_fits_its_screen(int width, CancellationToken cancellation)
    {
        if (Browser() is not { } browser)
        {
            Assert.Ignore("no chromium, chromium-browser or google-chrome in PATH: apt-get install chromium");
            return;
        }
        var report = MorningTests.Third(_folder);
        ResultFolder.WriteFile(Path.Combine(_folder, "index.html"), writer => MorningPage.Write(report, writer));
        var measuring = Path.Combine(_folder, "measuring.html");
        await File.WriteAllTextAsync(measuring, Measuring.Replace("WIDE", $"{width}"), cancellation);
        var start = new ProcessStartInfo(browser, [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--allow-file-access-from-files",
            "--window-size=1400,1000", $"--user-data-dir={Path.Combine(_folder, "profile")}", "--dump-dom", new Uri(measuring).AbsoluteUri])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{browser} did not start");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var document = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            Assert.That(document, Does.Match("beside 0 parts ([5-9]|1[0-9]) small 0 errors 0"), await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string? Browser() =>
        (from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
