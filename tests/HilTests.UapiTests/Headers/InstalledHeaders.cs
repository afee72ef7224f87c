using System.Collections.Concurrent;

namespace HilTests.UapiTests.Headers;

/// <summary>All questions about the bindings of one header, asked in one compilation and kept.</summary>
internal static class InstalledHeaders
{
    private static readonly ConcurrentDictionary<string, Lazy<Questions>> Asked = new(StringComparer.Ordinal);

    /// <summary>The answers about the headers a binding says it is from.</summary>
    public static Questions Of(Type type)
    {
        var headers = Bindings.HeadersOf(type);
        Assert.That(headers, Is.Not.Null.And.Not.Empty, $"{type.Name} has no [Header]: say which C header declares it");
        var key = string.Join(' ', headers!);
        return Asked.GetOrAdd(key, _ => new Lazy<Questions>(() => AskAll(key, headers!))).Value;
    }

    private static Questions AskAll(string key, IReadOnlyList<string> headers)
    {
        var questions = new Questions(headers);
        foreach (var type in Bindings.Types.Where(t => string.Join(' ', Bindings.HeadersOf(t) ?? []) == key))
        {
            if (type is { IsValueType: true, IsEnum: false })
                Comparer.Ask(questions, BoundStruct.Of(type));
            else
                Comparer.Ask(questions, Bindings.ConstantsOf(type));
        }

        return questions;
    }
}
