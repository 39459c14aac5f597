using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansBilling.ApiHost.Startup;

namespace OrleansBilling.ApiHost.Telemetry;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, where one is configured by OpenTelemetry's own variables
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and those beside it).
/// </summary>
/// <param name="meters">Sends metrics.</param>
/// <param name="traces">Sends traces.</param>
internal sealed class TelemetryExport(MeterProvider meters, TracerProvider traces) : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Http = "http/protobuf";
    private const string Grpc = "grpc";

    /// <summary>Starts to send, where a collector is configured.</summary>
    /// <param name="configuration">The whole configuration, the process's environment included.</param>
    /// <param name="service">What this process is called where <c>OTEL_SERVICE_NAME</c> does not say.</param>
    /// <param name="moreMeters">Meters that only this process has.</param>
    /// <returns>Null where none is.</returns>
    /// <exception cref="StartException">The collector's address or protocol is none.</exception>
    public static TelemetryExport? Start(IConfiguration configuration, string service, params string[] moreMeters)
    {
        if (configuration[Endpoint] is not { Length: > 0 } endpoint)
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new StartException($"{Endpoint} is '{endpoint}', which is no address of a collector; set it to one such as http://localhost:4318, or to nothing.");
        }

        string protocol = configuration[Protocol] ?? Http;
        if (protocol is not (Http or Grpc))
        {
            throw new StartException($"{Protocol} is '{protocol}'; it must be {Http} or {Grpc}.");
        }

        // ASP.NET Core names its spans after routes, with OpenTelemetry's attributes, only where it is asked to.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(configuration["OTEL_SERVICE_NAME"] ?? service);
        void Where(OtlpExporterOptions otlp, string path)
        {
            otlp.Protocol = protocol == Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            otlp.Endpoint = protocol == Grpc ? address : new Uri(address, address.AbsolutePath.TrimEnd('/') + path);
        }

        MeterProvider metering = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(EngineTelemetry.MeterName, UsageTelemetry.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime")
            .AddMeter(moreMeters)
            .AddOtlpExporter(otlp => Where(otlp, "/v1/metrics"))
            .Build();
        TracerProvider tracing = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Microsoft.AspNetCore", "Npgsql")
            .AddOtlpExporter(otlp => Where(otlp, "/v1/traces"))
            .Build();
        return new TelemetryExport(metering, tracing);
    }

    /// <summary>Sends what has gathered.</summary>
    public void Flush()
    {
        meters.ForceFlush();
        traces.ForceFlush();
    }

    /// <summary>Sends what has gathered, and ends.</summary>
    public void Dispose()
    {
        traces.Dispose();
        meters.Dispose();
    }
}
