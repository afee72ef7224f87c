using System.Diagnostics;
using HilTests.Core.Results;
using HilTests.Reporting;
using HilTests.Reporting.Html;

namespace HilTests.UnitTests.Reporting;

/// <summary>Opens the page in headless Chromium, where that is installed, and looks at the document its script made.</summary>
[Category("Browser")]
public sealed class HtmlReportBrowserTests
{
    private static readonly string[] Switches =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-browser-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test, CancelAfter(60_000)]
    public async Task A_program_that_is_linked_to_is_opened_with_its_steps(CancellationToken token)
    {
        var document = await Render(SampleRun.Make(), "#p1", token);
        Assert.That(document, Does.Contain("First difference</span>"), "the step of the difference is marked");
        Assert.That(document, Does.Contain("broken: vhost.tx.used-order"));
        Assert.That(document, Does.Contain("2 lines of kernel text"));
        Assert.That(document, Does.Contain(">11 of 11</output>"), "the filter counts the programs");
    }

    [Test, CancelAfter(60_000)]
    public async Task Closed_programs_are_not_built(CancellationToken token)
    {
        var document = await Render(SampleRun.Make(), "", token);
        Assert.That(document, Does.Not.Contain("class=\"steps\""));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_hostile_console_stays_text(CancellationToken token)
    {
        var document = await Render(SampleRun.Make(), $"#p{SampleRun.Make().Programs.Length - 1}", token);
        Assert.That(document, Does.Contain("&lt;/script&gt;&lt;img src=x"), "the console is shown as text");
        Assert.That(document, Does.Not.Contain("<img"));
    }

    private async Task<string> Render(RunResult run, string fragment, CancellationToken token)
    {
        if (FindBrowser() is not { } browser)
        {
            Assert.Ignore("no chromium, chromium-browser or google-chrome in PATH: apt-get install chromium");
            return "";
        }
        var page = Path.Combine(_folder, "report.html");
        ResultFolder.WriteFile(page, writer => HtmlReport.Write(run, writer));
        var start = new ProcessStartInfo(browser) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[.. Switches, $"--user-data-dir={Path.Combine(_folder, "profile")}", "--dump-dom", new Uri(page).AbsoluteUri + fragment])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{browser} did not start");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(token);
            var document = await process.StandardOutput.ReadToEndAsync(token);
            await process.WaitForExitAsync(token);
            Assert.That(process.ExitCode, Is.Zero, await errors);
            return document;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string? FindBrowser() =>
        (from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
