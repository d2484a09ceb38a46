#include <math.h>

#include "actors/studio/color.h"

static double clamp(double value)
{
    return value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value;
}

struct color color_from_hex(unsigned hex)
{
    return (struct color){(hex >> 16 & 0xff) / 255.0, (hex >> 8 & 0xff) / 255.0,
                          (hex & 0xff) / 255.0};
}

struct color color_mix(struct color from, struct color to, double share)
{
    return (struct color){from.red + (to.red - from.red) * share,
                          from.green + (to.green - from.green) * share,
                          from.blue + (to.blue - from.blue) * share};
}

struct color color_shade(struct color color, double amount)
{
    /* Multiplying by a violet keeps shadows alive where a multiplication by grey turns them to
     * mud. */
    struct color multiplied = {color.red * 0.40, color.green * 0.27, color.blue * 0.42};
    return color_mix(color, multiplied, amount);
}

struct color color_tint(struct color color, double amount)
{
    struct color warm = {1.0, 0.965, 0.90};
    return color_mix(color, warm, amount);
}

struct color color_saturate(struct color color, double amount)
{
    double luma = color_luma(color);
    struct color grey = {luma, luma, luma};
    struct color result = color_mix(grey, color, 1.0 + amount);
    return (struct color){clamp(result.red), clamp(result.green), clamp(result.blue)};
}

double color_luma(struct color color)
{
    return 0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue;
}

struct color color_from_hsl(double hue, double saturation, double lightness)
{
    double channel[3];
    double chroma = saturation * fmin(lightness, 1.0 - lightness);
    for (int index = 0; index < 3; index++) {
        static const double OFFSET[3] = {0.0, 8.0, 4.0};
        double place = fmod(OFFSET[index] + (hue - floor(hue)) * 12.0, 12.0);
        double ramp = fmax(-1.0, fmin(fmin(place - 3.0, 9.0 - place), 1.0));
        channel[index] = clamp(lightness - chroma * ramp);
    }
    return (struct color){channel[0], channel[1], channel[2]};
}
