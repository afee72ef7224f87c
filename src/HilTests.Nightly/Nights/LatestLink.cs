namespace HilTests.Nightly.Nights;

/// <summary>The link <c>latest</c> of a lab.</summary>
public static class LatestLink
{
    /// <summary>Lets a link lead to a folder beside or below it, in one step; a reader sees the old one or the new one.</summary>
    public static void Move(string link, string folder)
    {
        var target = Path.GetRelativePath(Path.GetDirectoryName(link)!, folder);
        // A folder deeper the same relative link leads nowhere, so that it can be renamed over one that leads to a folder.
        var aside = Directory.CreateDirectory($"{link}.{Guid.NewGuid():N}").FullName;
        try
        {
            var made = Path.Combine(aside, "link");
            File.CreateSymbolicLink(made, target);
            File.Move(made, link, overwrite: true);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }
}
