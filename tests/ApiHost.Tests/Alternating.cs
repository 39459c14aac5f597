namespace OrleansBilling.ApiHost.Tests;

/// <summary>Sends one request to one front end, the next to the next.</summary>
/// <param name="frontEnds">Where they listen.</param>
internal sealed class Alternating(IReadOnlyList<Uri> frontEnds) : DelegatingHandler(new SocketsHttpHandler())
{
    private int sent;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri next = frontEnds[Interlocked.Increment(ref this.sent) % frontEnds.Count];
        request.RequestUri = new Uri(next, request.RequestUri!.PathAndQuery);
        return base.SendAsync(request, cancellationToken);
    }
}
