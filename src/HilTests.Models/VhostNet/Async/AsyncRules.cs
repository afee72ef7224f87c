using System.Collections.Immutable;
using HilTests.Core.Predictions;

namespace HilTests.Models.VhostNet.Async;

/// <summary>What an asynchronous link must do; docs/rules/vhost-net-async.md says each in words.</summary>
public static class AsyncRules
{
    private const string Page = "docs/rules/vhost-net-async.md";

    public static Rule Order { get; } = new("vhost.async.order", $"{Page}, completion order", "Used entries follow the order of completion, each request is used once, with the bytes that its completion said.");

    public static Rule Submit { get; } = new("vhost.async.submit", $"{Page}, submission", "Every buffer that is offered is handed over at once, whether others are outstanding or not, and not used before it has completed.");

    public static Rule Pool { get; } = new("vhost.async.pool", $"{Page}, the pool", "A device without a free block stops and takes no buffer, and goes on when blocks come back.");

    public static Rule Refused { get; } = new("vhost.async.refused", $"{Page}, refusal", "A buffer that the socket refuses goes back, its block is free again, and the device hears when it may go on.");

    public static Rule Link { get; } = new("vhost.async.link", $"{Page}, link state", "The kind of the socket decides the ring's link, and a call that fails leaves link and requests as they were.");

    public static Rule Leave { get; } = new("vhost.async.leave", $"{Page}, the end of a link", "When a link ends, what has completed is used first, then what the back end gives back, each once.");

    public static Rule Quota { get; } = new("vhost.async.quota", $"{Page}, quota", "A pass stops submitting, and a drain stops publishing, at the first request with which 512 KiB are reached.");

    public static Rule Leak { get; } = new("vhost.async.leak", $"{Page}, nothing is left", "A closed device holds no block, no pool, no request and no use of its module.");

    public static Rule BackEnd { get; } = new("vhost.async.back-end", $"{Page}, the back end", "The pass-through back end does what it is told, and has what was submitted and not completed.");

    public static Rule Wire { get; } = new("vhost.async.wire", $"{Page}, completion order", "Frames leave in the order of completion, whole, and only those whose request succeeded.");

    /// <summary>All of them.</summary>
    public static ImmutableArray<Rule> All { get; } = [Order, Submit, Pool, Refused, Link, Leave, Quota, Leak, BackEnd, Wire];
}
